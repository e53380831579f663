package dev.lifeboat.activities.postgres;

import com.github.luben.zstd.EndDirective;
import com.github.luben.zstd.ZstdCompressCtx;
import dev.lifeboat.activities.store.Upload;
import dev.lifeboat.activities.store.Upload.Uploaded;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.apache.commons.compress.archivers.zip.ZipEncodingHelper;

/** Makes one chunk, a complete {@code .tar.zst}, on its way to the bucket. For one thread; nothing appears before {@link #complete}. */
final class ChunkPacker implements AutoCloseable {

    private static final int OUT = 256 << 10;
    private static final int NAME_LIMIT = 100;

    private final Upload upload;
    private final String tablespace;
    private final ZstdCompressCtx context = new ZstdCompressCtx();
    private final ByteBuffer block = ByteBuffer.allocateDirect(TarStream.BLOCK);
    private final ByteBuffer compressed = ByteBuffer.allocateDirect(OUT);
    private final byte[] onHeap = new byte[OUT];
    private final List<String> files = new ArrayList<>();
    private long plain;

    ChunkPacker(Upload upload, String tablespace) {
        this.upload = upload;
        this.tablespace = tablespace;
        Zstandard.configure(context);
    }

    void folder(BackupFiles.Entry folder) throws IOException {
        header(folder, folder.name() + "/", 0);
    }

    /** The caller then gives exactly this many bytes to {@link #content}, and calls {@link #endOfFile}. */
    void beginFile(BackupFiles.Entry file, long size) throws IOException {
        header(file, file.name(), size);
        files.add(file.name());
    }

    /** Takes what is between position and limit; afterwards nothing is. */
    void content(ByteBuffer direct) throws IOException {
        plain += direct.remaining();
        compress(direct, EndDirective.CONTINUE);
    }

    void endOfFile(long size) throws IOException {
        zeros((int) (TarStream.padded(size) - size));
    }

    Chunk complete(int number) throws IOException {
        zeros(TarStream.BLOCK);
        zeros(TarStream.BLOCK);
        compress(ByteBuffer.allocateDirect(0), EndDirective.END);
        Uploaded stored = upload.complete();
        return Chunk.of(number, stored, plain, files, tablespace);
    }

    @Override
    public void close() throws IOException {
        context.close();
        upload.close();
    }

    private void header(BackupFiles.Entry entry, String name, long size) throws IOException {
        if (name.getBytes(StandardCharsets.UTF_8).length > NAME_LIMIT) {
            throw new RecoveryFailure(
                    FailureCode.CLUSTER_NOT_READY,
                    "cannot back up the file %s: its name is longer than the %d bytes that a tar and pg_basebackup allow"
                            .formatted(entry.name(), NAME_LIMIT),
                    "PostgreSQL does not make such names: move it out of the data directory, then 'lifeboat retry'");
        }
        TarArchiveEntry header =
                new TarArchiveEntry(name, name.endsWith("/") ? TarConstants.LF_DIR : TarConstants.LF_NORMAL);
        header.setSize(size);
        header.setMode(entry.mode());
        header.setIds(entry.uid(), entry.gid());
        byte[] bytes = new byte[TarStream.BLOCK];
        header.writeEntryHeader(bytes, ZipEncodingHelper.getZipEncoding(StandardCharsets.UTF_8), true);
        block.clear().put(bytes).flip();
        content(block);
    }

    private void zeros(int count) throws IOException {
        block.clear();
        while (block.position() < count) {
            block.put((byte) 0);
        }
        content(block.flip());
    }

    private void compress(ByteBuffer source, EndDirective directive) throws IOException {
        boolean done = false;
        while (!done) {
            compressed.clear();
            boolean flushed = context.compressDirectByteBufferStream(compressed, source, directive);
            compressed.flip();
            int length = compressed.remaining();
            compressed.get(onHeap, 0, length);
            upload.write(onHeap, 0, length);
            done = directive == EndDirective.END ? flushed : !source.hasRemaining();
        }
    }
}
