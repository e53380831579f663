package dev.lifeboat.activities.postgres;

import dev.lifeboat.activities.postgres.BackupFiles.Entry;
import dev.lifeboat.activities.postgres.BackupManifestFile.Sum;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import dev.lifeboat.workflows.domain.postgres.Lsn;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Reads files while their server writes them, and notes what they hold in PostgreSQL's manifest. What a write tears comes
 * whole with the WAL, which holds each page that was changed since the backup began; a page that was not changed and does
 * not have its checksum is damaged. For several threads.
 */
final class FileReading {

    private static final int BUFFER = 1 << 20;
    private static final int LOOKS = 10;
    private static final int PAUSE_MILLIS = 20;
    private static final int NAMED = 5;
    private static final String NO_CHECKSUMS = "0";

    private final Path dataDirectory;
    private final BackupManifestDraft manifest = new BackupManifestDraft();
    private final Supplier<@Nullable PageChecksums> pages;
    private final AtomicLong bytes;
    private final Queue<String> damaged = new ConcurrentLinkedQueue<>();
    private final ThreadLocal<ByteBuffer> buffers = ThreadLocal.withInitial(() -> ByteBuffer.allocateDirect(BUFFER));

    /** @param bytes is counted up while files are read */
    FileReading(Path dataDirectory, Supplier<@Nullable PageChecksums> pages, AtomicLong bytes) {
        this.dataDirectory = dataDirectory;
        this.pages = pages;
        this.bytes = bytes;
    }

    /** Of nothing where the cluster has no data checksums. */
    static Supplier<@Nullable PageChecksums> pages(ControlFile control, Lsn start) {
        if (control.dataChecksums().equals(NO_CHECKSUMS)) {
            return () -> null;
        }
        int size = control.blockSize();
        return () -> new PageChecksums(size, control.blocksPerFile(), start.value());
    }

    void copy(List<Entry> files, ChunkPacker packer) throws IOException {
        PageChecksums checksums = pages.get();
        for (Entry file : files) {
            try (FileChannel channel = FileChannel.open(dataDirectory.resolve(file.name()), StandardOpenOption.READ)) {
                copy(file, channel, packer, PageChecksums.appliesTo(file.name()) ? checksums : null);
            } catch (NoSuchFileException e) {
                // Dropped since the list was made; WAL drops it again.
            }
        }
    }

    /** What lies in memory, as a file of the backup. */
    void add(Entry file, byte[] content, ChunkPacker packer) throws IOException {
        CRC32C crc = new CRC32C();
        crc.update(content);
        packer.beginFile(file, content.length);
        ByteBuffer buffer = buffers.get();
        for (int done = 0; done < content.length; done += BUFFER) {
            packer.content(buffer.clear()
                    .put(content, done, Math.min(BUFFER, content.length - done))
                    .flip());
        }
        packer.endOfFile(content.length);
        bytes.addAndGet(content.length);
        manifest.add(file.name(), Sum.of(content.length, crc), file.modifiedSeconds());
    }

    /** The manifest itself, which does not list itself. */
    void addManifest(Entry file, BackupManifestDraft.Frame frame, ChunkPacker packer) throws IOException {
        long size = manifest.size(frame);
        packer.beginFile(file, size);
        ByteBuffer buffer = buffers.get().clear();
        manifest.write(frame, piece -> {
            for (int done = 0; done < piece.length; ) {
                int count = Math.min(piece.length - done, buffer.remaining());
                buffer.put(piece, done, count);
                done += count;
                if (!buffer.hasRemaining()) {
                    packer.content(buffer.flip());
                    buffer.clear();
                }
            }
        });
        packer.content(buffer.flip());
        packer.endOfFile(size);
        bytes.addAndGet(size);
    }

    /** @throws RecoveryFailure PAGES_DAMAGED */
    void requireSound(String cluster) {
        if (damaged.isEmpty()) {
            return;
        }
        String first = String.join(", ", damaged.stream().limit(NAMED).toList());
        throw new RecoveryFailure(
                FailureCode.PAGES_DAMAGED,
                "cannot back up %s: %d of its pages do not have the checksum that they carry: %s%s"
                        .formatted(cluster, damaged.size(), first, damaged.size() > NAMED ? ", …" : ""),
                "the live cluster is damaged there, no backup was stored: look at the disk, find the table with pg_filenode_relation(),"
                        + " and bring it back from an earlier backup; earlier backups are untouched");
    }

    private void copy(Entry file, FileChannel channel, ChunkPacker packer, @Nullable PageChecksums checksums)
            throws IOException {
        long size = channel.size();
        CRC32C crc = new CRC32C();
        ByteBuffer buffer = buffers.get();
        packer.beginFile(file, size);
        for (long done = 0; done < size; done += buffer.limit()) {
            buffer.clear().limit((int) Math.min(BUFFER, size - done));
            fill(channel, buffer, done);
            if (checksums != null) {
                compare(file, channel, buffer, done, checksums);
            }
            crc.update(buffer.duplicate());
            packer.content(buffer);
            bytes.addAndGet(buffer.limit());
        }
        packer.endOfFile(size);
        manifest.add(file.name(), Sum.of(size, crc), file.modifiedSeconds());
    }

    /** A file that was cut off meanwhile goes on with zeros, as in a backup that the server sends; WAL cuts it again. */
    private static void fill(FileChannel channel, ByteBuffer buffer, long from) throws IOException {
        while (buffer.hasRemaining() && channel.read(buffer, from + buffer.position()) >= 0) {
            // Until it is full or the file ends.
        }
        while (buffer.hasRemaining()) {
            buffer.put((byte) 0);
        }
        buffer.flip();
    }

    private void compare(Entry file, FileChannel channel, ByteBuffer buffer, long from, PageChecksums checksums)
            throws IOException {
        int size = checksums.pageSize();
        long block = checksums.firstBlock(file.name()) + from / size;
        for (int offset = 0; offset + size <= buffer.limit(); offset += size, block++) {
            if (checksums.isSettled(buffer, offset)
                    && !checksums.isRight(buffer, offset, block)
                    && !reread(channel, buffer, offset, from, block, checksums)) {
                damaged.add("block %d of %s".formatted(block, file.name()));
            }
        }
    }

    /** The server may have been in the middle of writing it. */
    private static boolean reread(
            FileChannel channel, ByteBuffer buffer, int offset, long from, long block, PageChecksums checksums)
            throws IOException {
        for (int look = 0; look < LOOKS; look++) {
            pause();
            ByteBuffer page = buffer.duplicate().position(offset).limit(offset + checksums.pageSize());
            int read = channel.read(page, from + offset);
            if (read < checksums.pageSize()
                    || !checksums.isSettled(buffer, offset)
                    || checksums.isRight(buffer, offset, block)) {
                return true;
            }
        }
        return false;
    }

    private static void pause() throws InterruptedIOException {
        try {
            Thread.sleep(PAUSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("reading was given up");
        }
    }

    /** Twice the same: the server writes it in one piece, but nobody promises that it is read in one. */
    static byte[] controlFile(Path file) throws IOException {
        byte[] last = Files.readAllBytes(file);
        for (int look = 0; look < LOOKS; look++) {
            byte[] again = Files.readAllBytes(file);
            if (Arrays.equals(last, again)) {
                return again;
            }
            last = again;
            pause();
        }
        throw new IOException(file + " changes all the time");
    }
}
