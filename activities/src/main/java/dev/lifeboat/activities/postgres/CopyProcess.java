package dev.lifeboat.activities.postgres;

import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The server process of one data directory, found by its {@code postmaster.pid}. A process is believed to be it only
 * when its working directory is that data directory, which is what a postmaster's is: a number may have been reused.
 */
record CopyProcess(ProcessHandle handle) {

    private static final Duration TO_DIE = Duration.ofSeconds(20);

    static Optional<CopyProcess> find(Path dataDirectory) {
        Path pidFile = dataDirectory.resolve("postmaster.pid");
        try {
            if (!Files.exists(pidFile)) {
                return Optional.empty();
            }
            List<String> lines = Files.readAllLines(pidFile, StandardCharsets.UTF_8);
            long pid = lines.isEmpty() ? 0 : Long.parseLong(lines.get(0).strip());
            if (pid <= 1 || !worksIn(pid, dataDirectory)) {
                return Optional.empty();
            }
            return ProcessHandle.of(pid).filter(ProcessHandle::isAlive).map(CopyProcess::new);
        } catch (IOException | NumberFormatException e) {
            return Optional.empty();
        }
    }

    /** The eighth line of {@code postmaster.pid}: {@code starting}, {@code standby}, {@code ready}, {@code stopping}. */
    static String status(Path dataDirectory) {
        try {
            List<String> lines = Files.readAllLines(dataDirectory.resolve("postmaster.pid"), StandardCharsets.UTF_8);
            return lines.size() < 8 ? "" : lines.get(7).strip();
        } catch (IOException e) {
            return "";
        }
    }

    boolean isAlive() {
        return handle.isAlive();
    }

    /** Ends the server of a directory that will be thrown away; one that does not run is no error. */
    static void endAny(Path dataDirectory) {
        find(dataDirectory).ifPresent(running -> running.kill(dataDirectory));
    }

    /**
     * After the death of a postmaster: ends those of its children that are still at work, and removes its lock file
     * where its number is not free yet, which would keep the next one from starting. Does nothing while it lives.
     */
    static void clearAfterDeath(Path dataDirectory) throws IOException, InterruptedException {
        if (find(dataDirectory).isPresent()) {
            return;
        }
        long deadline = System.nanoTime() + TO_DIE.toNanos();
        List<ProcessHandle> left = ServerProcesses.of(dataDirectory);
        while (!left.isEmpty()) {
            left.forEach(ProcessHandle::destroyForcibly);
            if (System.nanoTime() > deadline) {
                throw new RecoveryFailure(
                        FailureCode.SERVER_STILL_RUNNING,
                        "cannot start the server of %s: process %d of the last one is still alive"
                                .formatted(dataDirectory, left.get(0).pid()),
                        "look at that process, then 'lifeboat retry'");
            }
            Thread.sleep(50);
            left = ServerProcesses.of(dataDirectory);
        }
        Files.deleteIfExists(dataDirectory.resolve("postmaster.pid"));
    }

    private void kill(Path dataDirectory) {
        // Children notice the death of their postmaster; nothing in the directory is needed any more.
        List<ProcessHandle> children = handle.descendants().toList();
        handle.destroyForcibly();
        children.forEach(ProcessHandle::destroyForcibly);
        try {
            handle.onExit().get(TO_DIE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (java.util.concurrent.ExecutionException | java.util.concurrent.TimeoutException e) {
            throw new RecoveryFailure(
                    FailureCode.SERVER_STILL_RUNNING,
                    "cannot end the server of %s: process %d is alive %s after it was killed"
                            .formatted(dataDirectory, handle.pid(), TO_DIE),
                    "look at that process, then 'lifeboat retry'",
                    e);
        }
    }

    private static boolean worksIn(long pid, Path dataDirectory) {
        try {
            Path works = Files.readSymbolicLink(Path.of("/proc/" + pid + "/cwd"));
            return works.equals(dataDirectory.toRealPath());
        } catch (IOException e) {
            return false;
        }
    }
}
