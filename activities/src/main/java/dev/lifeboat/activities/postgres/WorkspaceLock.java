package dev.lifeboat.activities.postgres;

import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * One attempt at a time in one folder: an attempt that Temporal gave up may still be running in this process or in
 * another one. Freed by the system when its process dies.
 */
final class WorkspaceLock implements AutoCloseable {

    private static final Set<Path> HELD_HERE = ConcurrentHashMap.newKeySet();

    private final Path file;
    private final FileChannel channel;

    private WorkspaceLock(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    /** @throws RecoveryFailure BUSY_WITH_OTHER_ATTEMPT when another attempt holds it */
    static WorkspaceLock take(Path file, ServerUser user) throws IOException {
        Path key = file.toAbsolutePath().normalize();
        if (!HELD_HERE.add(key)) {
            throw busy(key, "in this process");
        }
        FileChannel channel = null;
        boolean taken = false;
        try {
            channel = FileChannel.open(key, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            user.own(key);
            FileLock lock = tryLock(channel);
            if (lock == null) {
                throw busy(key, "in another process");
            }
            taken = true;
            return new WorkspaceLock(key, channel);
        } finally {
            if (!taken) {
                HELD_HERE.remove(key);
                if (channel != null) {
                    channel.close();
                }
            }
        }
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            return null;
        }
    }

    private static RecoveryFailure busy(Path file, String where) {
        return new RecoveryFailure(
                FailureCode.BUSY_WITH_OTHER_ATTEMPT,
                "cannot work in %s: an earlier attempt is still at work there, %s".formatted(file.getParent(), where),
                "it is tried again; the earlier attempt ends by itself when it notices");
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            // The lock goes with the process at the latest.
        } finally {
            HELD_HERE.remove(file);
        }
    }
}
