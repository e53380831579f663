package dev.lifeboat.activities.postgres;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

/**
 * A configuration file whose bytes are replaced for a while and then put back exactly. It is written in place, so that
 * its owner, mode and links stay; the original bytes are safe in {@code saved} before the first byte changes.
 */
record ReplacedFile(Path file, Path saved, ServerUser user) {

    /** How the bytes in place come about from the original ones; must give the same for the same. */
    interface Change {
        byte[] of(byte[] original);
    }

    /** A second call, also after a crash in the middle of writing, keeps the first original. */
    void replace(Change change) throws IOException {
        byte[] current = Files.readAllBytes(file);
        if (!Files.exists(saved) || !isOurs(current, Files.readAllBytes(saved), change)) {
            save(current);
        }
        byte[] wanted = change.of(Files.readAllBytes(saved));
        if (!Arrays.equals(current, wanted)) {
            write(file, wanted);
        }
    }

    /**
     * @return false when there was nothing to put back, or someone has changed the file since; then it is left as it is
     */
    boolean putBack(Change change) throws IOException {
        if (!Files.exists(saved)) {
            return false;
        }
        byte[] original = Files.readAllBytes(saved);
        byte[] current = Files.readAllBytes(file);
        boolean ours = isOurs(current, original, change);
        if (ours) {
            write(file, original);
            Files.delete(saved);
            FileTrees.syncFolder(saved.resolveSibling(""));
        }
        return ours;
    }

    /** The original, what it was changed to, or either of them cut off by a crash. */
    static boolean isOurs(byte[] current, byte[] original, Change change) {
        return isBeginningOf(current, change.of(original)) || isBeginningOf(current, original);
    }

    private static boolean isBeginningOf(byte[] beginning, byte[] whole) {
        return beginning.length <= whole.length
                && Arrays.equals(beginning, 0, beginning.length, whole, 0, beginning.length);
    }

    private void save(byte[] original) throws IOException {
        FileTrees.makePrivate(saved.resolveSibling(""), user);
        Path fresh = saved.resolveSibling(saved.getFileName() + ".new");
        Files.deleteIfExists(fresh);
        Files.createFile(
                fresh,
                java.nio.file.attribute.PosixFilePermissions.asFileAttribute(
                        java.nio.file.attribute.PosixFilePermissions.fromString("rw-------")));
        user.own(fresh);
        write(fresh, original);
        Files.move(fresh, saved, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        FileTrees.syncFolder(saved.resolveSibling(""));
    }

    private static void write(Path file, byte[] bytes) throws IOException {
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            ByteBuffer buffer = ByteBuffer.wrap(bytes);
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
            channel.force(true);
        }
    }
}
