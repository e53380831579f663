package dev.lifeboat.activities.postgres;

import java.util.List;

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
        endTree(process);
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
            endTree(process);
        }
    }

    /**
     * Leaves the streams open: {@link Process#destroyForcibly} closes them, and the reader would meet a closed stream instead of
     * the end at which it asks the watch. Children have the pipe too, and {@code runuser} dies without ending its own.
     */
    static void endTree(Process process) {
        List<ProcessHandle> children = process.descendants().toList();
        process.toHandle().destroyForcibly();
        children.forEach(ProcessHandle::destroyForcibly);
    }
}
