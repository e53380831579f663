package dev.lifeboat.activities.postgres;

import com.github.luben.zstd.ZstdInputStream;
import dev.lifeboat.activities.store.DataObjects;
import dev.lifeboat.activities.store.PlainObjects;
import dev.lifeboat.activities.store.StoredData;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.LongConsumer;
import java.util.zip.CRC32C;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/** Unpacks one stored chunk of a base backup into the copy, adding up what passes; {@code pg_control} is held back. */
final class ChunkUnpacker {

    private static final int BUFFER = 256 << 10;

    private final RecoveryWorkspace workspace;

    ChunkUnpacker(RecoveryWorkspace workspace) {
        this.workspace = workspace;
    }

    /** Thrown when the bytes are not what was stored, or cannot be unpacked. */
    static final class Damaged extends IOException {
        private static final long serialVersionUID = 1L;

        Damaged(String message) {
            super(message);
        }
    }

    /** Where {@code pg_control} waits until everything else is in place. */
    Path heldControl() {
        return workspace.restoredChunks().resolve("pg_control");
    }

    /**
     * @param sha256 of the stored bytes
     * @param written told how many plain bytes were written since it was told last
     * @return every file of the chunk with its plain size and checksum
     * @throws Damaged when the stored bytes have another digest, or are no tar file
     */
    Map<String, BackupManifestFile.Sum> unpack(InputStream stored, String sha256, LongConsumer written)
            throws IOException {
        return unpack(PlainObjects.digesting(stored, "the chunk"), sha256, workspace.copy(), written);
    }

    /** @param root what the names in the chunk are relative to: the copy, or a tablespace of it */
    Map<String, BackupManifestFile.Sum> unpack(StoredData stored, String sha256, Path root, LongConsumer written)
            throws IOException {
        Map<String, BackupManifestFile.Sum> files = new HashMap<>();
        Unreadable unreadable = null;
        try {
            unpackTar(new Source(stored), root, files, written);
            // An encrypted one is whole only when its last segment was authenticated.
            stored.transferTo(OutputStream.nullOutputStream());
        } catch (Unreadable e) {
            unreadable = e;
        } catch (RecoveryFailure e) {
            if (!DataObjects.isDamage(e)) {
                throw e;
            }
            throw new Damaged(String.valueOf(e.getMessage()));
        }
        String found = stored.sha256();
        if (!found.equals(sha256)) {
            throw new Damaged("its SHA-256 is " + found + ", its manifest says " + sha256);
        }
        if (unreadable != null) {
            throw new Damaged("it cannot be unpacked: " + unreadable.getMessage());
        }
        return files;
    }

    private void unpackTar(InputStream in, Path root, Map<String, BackupManifestFile.Sum> files, LongConsumer written)
            throws IOException {
        try (TarArchiveInputStream tar = new TarArchiveInputStream(zstd(in), StandardCharsets.UTF_8.name())) {
            while (true) {
                TarArchiveEntry entry = next(tar);
                if (entry == null) {
                    return;
                }
                String name = entry.getName();
                Path target = target(root, name);
                if (entry.isDirectory()) {
                    directory(target, entry.getMode());
                } else if (entry.isFile()) {
                    files.put(name, file(tar, target, entry, written));
                } else {
                    throw new Unreadable("it holds " + name + ", which is neither a file nor a folder");
                }
            }
        }
    }

    private Path target(Path root, String name) throws Unreadable {
        if (root.equals(workspace.copy()) && name.equals(BaseBackupManifest.CONTROL_FILE)) {
            return heldControl();
        }
        Path base = root;
        String inside = name;
        if (name.startsWith(BaseBackupManifest.OUTSIDE_FOLDER)) {
            base = workspace.config();
            inside = name.substring(BaseBackupManifest.OUTSIDE_FOLDER.length());
        }
        Path target = base.resolve(inside).normalize();
        if (!target.startsWith(base)) {
            throw new Unreadable("it holds the name " + name + ", which leads outside");
        }
        return target;
    }

    private static void directory(Path target, int mode) throws IOException {
        Files.createDirectories(target, PosixFilePermissions.asFileAttribute(permissions(0700)));
        Files.setPosixFilePermissions(target, permissions(mode & 0750 | 0700));
    }

    private static BackupManifestFile.Sum file(
            TarArchiveInputStream tar, Path target, TarArchiveEntry entry, LongConsumer written) throws IOException {
        Path parent = target.getParent();
        if (parent != null && !Files.isDirectory(parent, LinkOption.NOFOLLOW_LINKS)) {
            Files.createDirectories(parent, PosixFilePermissions.asFileAttribute(permissions(0700)));
        }
        Files.deleteIfExists(target);
        Files.createFile(target, PosixFilePermissions.asFileAttribute(permissions(entry.getMode() & 0640 | 0600)));
        CRC32C crc = new CRC32C();
        long size = 0;
        byte[] buffer = new byte[BUFFER];
        try (OutputStream out = Files.newOutputStream(target)) {
            int length;
            while ((length = read(tar, buffer)) >= 0) {
                out.write(buffer, 0, length);
                crc.update(buffer, 0, length);
                size += length;
                written.accept(length);
            }
        }
        return BackupManifestFile.Sum.of(size, crc);
    }

    private static InputStream zstd(InputStream in) throws IOException {
        try {
            return new ZstdInputStream(in);
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    private static @org.jspecify.annotations.Nullable TarArchiveEntry next(TarArchiveInputStream tar)
            throws IOException {
        try {
            return tar.getNextEntry();
        } catch (IOException | IllegalArgumentException e) {
            throw unreadable(e);
        }
    }

    private static int read(TarArchiveInputStream tar, byte[] buffer) throws IOException {
        try {
            return tar.read(buffer, 0, buffer.length);
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    /** What the network broke is the network's; everything else that reading throws is the content's. */
    private static IOException unreadable(Exception e) {
        if (e instanceof SourceFailed failed) {
            return failed;
        }
        return new Unreadable(String.valueOf(e.getMessage()));
    }

    private static Set<PosixFilePermission> permissions(int mode) {
        Set<PosixFilePermission> set = EnumSet.noneOf(PosixFilePermission.class);
        PosixFilePermission[] fromHigh = {
            PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE, PosixFilePermission.OWNER_EXECUTE,
            PosixFilePermission.GROUP_READ, PosixFilePermission.GROUP_WRITE, PosixFilePermission.GROUP_EXECUTE
        };
        for (int i = 0; i < fromHigh.length; i++) {
            if ((mode & 0400 >> i) != 0) {
                set.add(fromHigh[i]);
            }
        }
        return set;
    }

    private static final class Unreadable extends IOException {
        private static final long serialVersionUID = 1L;

        Unreadable(String message) {
            super(message);
        }
    }

    private static final class SourceFailed extends IOException {
        private static final long serialVersionUID = 1L;

        SourceFailed(IOException cause) {
            super(cause);
        }
    }

    /** Marks the failures of the stream from the store, and leaves closing to whoever opened it. */
    private static final class Source extends InputStream {
        private final InputStream in;

        Source(InputStream in) {
            this.in = in;
        }

        @Override
        public int read() throws IOException {
            try {
                return in.read();
            } catch (IOException e) {
                throw new SourceFailed(e);
            }
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            try {
                return in.read(bytes, offset, length);
            } catch (IOException e) {
                throw new SourceFailed(e);
            }
        }
    }
}
