package dev.lifeboat.activities.postgres;

import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import dev.lifeboat.activities.store.DataObjects;
import dev.lifeboat.activities.store.Upload;
import dev.lifeboat.activities.store.Upload.Uploaded;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a row of tar entries into chunks, each a complete tar, and sends them compressed to the bucket while they grow.
 * zstd compresses on all cores inside one chunk, and a chunk's last bytes travel while the next one begins, so memory
 * does not depend on the size of files.
 */
final class ChunkWriter implements AutoCloseable {

    static final long TARGET_BYTES = 128L << 20;

    private static final int CORES = Runtime.getRuntime().availableProcessors();
    private static final int FINISHING = 4;

    private final DataObjects data;
    private final IntFunction<String> keys;
    private final long target;
    private final ExecutorService finisher = Executors.newFixedThreadPool(FINISHING, task -> {
        Thread thread = new Thread(task, "chunk-finisher");
        thread.setDaemon(true);
        return thread;
    });
    private final Semaphore finishing = new Semaphore(FINISHING);
    private final List<Future<Chunk>> chunks = new ArrayList<>();
    private @Nullable Open open;
    private boolean lastBegun;
    private String tablespace = "";

    ChunkWriter(DataObjects data, IntFunction<String> keys, long target) {
        this.data = data;
        this.keys = keys;
        this.target = target;
    }

    /** Where the next entry goes; the caller writes exactly {@link TarStream.Entry#bytes} to it. */
    OutputStream begin(TarStream.Entry entry) throws IOException, InterruptedException {
        Open chunk = open;
        if (chunk != null && entry.isFile() && !lastBegun && chunk.isFullWith(entry, target)) {
            cut(chunk);
            chunk = null;
        }
        if (chunk == null) {
            chunk = new Open(data.upload(keys.apply(chunks.size() + 1)), tablespace);
            open = chunk;
        }
        if (entry.isFile()) {
            chunk.files.add(entry.name());
        }
        chunk.plain += entry.bytes();
        return chunk.out;
    }

    /** What follows is relative to the root of this tablespace, in chunks of its own; empty for the data directory. */
    void beginTablespace(String oid) throws IOException, InterruptedException {
        if (open != null && !tablespace.equals(oid)) {
            cut(open);
        }
        tablespace = oid;
    }

    /** From here on everything goes into one chunk, which is the last. */
    void beginLast() {
        lastBegun = true;
    }

    /** The chunks in order, all durable in the bucket. */
    List<Chunk> finish() throws IOException, InterruptedException {
        if (open != null) {
            cut(open);
        }
        List<Chunk> done = new ArrayList<>();
        for (Future<Chunk> chunk : chunks) {
            done.add(await(chunk));
        }
        return List.copyOf(done);
    }

    /** What is not finished is given up, and nothing of it appears in the bucket. */
    @Override
    public void close() {
        finisher.shutdownNow();
        try {
            finisher.awaitTermination(30, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (open != null) {
            open.discard();
        }
    }

    private void cut(Open chunk) throws InterruptedException, IOException {
        for (Future<Chunk> earlier : chunks) {
            if (earlier.isDone()) {
                await(earlier);
            }
        }
        finishing.acquire();
        open = null;
        int number = chunks.size() + 1;
        chunks.add(finisher.submit(() -> {
            try {
                return chunk.complete(number);
            } finally {
                finishing.release();
            }
        }));
    }

    private static Chunk await(Future<Chunk> chunk) throws InterruptedException, IOException {
        try {
            return chunk.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RecoveryFailure failure) {
                throw failure;
            }
            throw new RecoveryFailure(
                    FailureCode.IO_FAILED,
                    "cannot finish a chunk of the backup: " + e.getCause(),
                    "it is tried again",
                    e);
        }
    }

    private static final class Open {
        private final Upload upload;
        private final OutputStream out;
        private final List<String> files = new ArrayList<>();
        private final String tablespace;
        private long plain;

        Open(Upload upload, String tablespace) throws IOException {
            this.upload = upload;
            this.tablespace = tablespace;
            this.out = new ZstdOutputStreamNoFinalizer(new KeepOpen(upload))
                    .setLevel(1)
                    .setChecksum(true)
                    .setWorkers(CORES);
        }

        boolean isFullWith(TarStream.Entry entry, long target) {
            return !files.isEmpty() && plain + entry.bytes() > target;
        }

        Chunk complete(int number) throws IOException {
            try (upload) {
                byte[] end = new byte[2 * TarStream.BLOCK];
                out.write(end);
                out.close();
                Uploaded stored = upload.complete();
                return Chunk.of(number, stored, plain + end.length, files, tablespace);
            }
        }

        void discard() {
            try (upload) {
                out.close();
            } catch (IOException e) {
                // Nothing of it is in the bucket either way.
            }
        }
    }

    /** Ending the compression must not end the upload: only {@link Upload#complete} makes it appear. */
    private static final class KeepOpen extends FilterOutputStream {
        KeepOpen(OutputStream out) {
            super(out);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            out.write(bytes, offset, length);
        }

        @Override
        public void close() {}
    }
}
