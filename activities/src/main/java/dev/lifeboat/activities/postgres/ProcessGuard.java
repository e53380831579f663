package dev.lifeboat.activities.postgres;

/**
 * Ends a program as soon as nobody wants its output any more, also while the reader waits for a byte of it: reading from
 * a pipe takes no interrupt.
 */
final class ProcessGuard implements AutoCloseable {

    private static final long EVERY_MILLIS = 300;

    private final Process process;
    private final Watch watch;
    private final Thread thread;

    ProcessGuard(Process process, Watch watch) {
        this.process = process;
        this.watch = watch;
        this.thread = new Thread(this::guard, "process-guard");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() {
        thread.interrupt();
        process.destroyForcibly();
    }

    private void guard() {
        try {
            while (process.isAlive()) {
                watch.check();
                Thread.sleep(EVERY_MILLIS);
            }
        } catch (InterruptedException e) {
            // The reader is done.
        } catch (RuntimeException e) {
            // The reader asks the same watch and throws this where it belongs.
            process.destroyForcibly();
        }
    }
}
