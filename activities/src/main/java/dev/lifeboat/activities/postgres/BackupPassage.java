package dev.lifeboat.activities.postgres;

import dev.lifeboat.activities.postgres.BaseBackupManifest.OutsideFile;
import dev.lifeboat.workflows.contract.Progress;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;

/** What goes from the server into the chunks of one backup, and what is picked out of it on the way. */
final class BackupPassage {

    private final ServerFacts server;
    private final String id;
    private final ChunkWriter writer;
    private final Watch watch;
    private final BackupEnds ends = new BackupEnds();
    private Instant copiedAt = Instant.EPOCH;
    private long bytes;

    BackupPassage(ServerFacts server, String id, ChunkWriter writer, Watch watch) {
        this.server = server;
        this.id = id;
        this.writer = writer;
        this.watch = watch;
    }

    ServerFacts server() {
        return server;
    }

    String id() {
        return id;
    }

    BackupEnds ends() {
        return ends;
    }

    /** The server has given everything: from here on the copy is consistent, wherever it still has to go. */
    void copied() {
        copiedAt = Instant.now().truncatedTo(ChronoUnit.MILLIS);
    }

    Instant copiedAt() {
        return copiedAt;
    }

    /** Plain, of the files that passed. */
    long bytes() {
        return bytes;
    }

    /** @param tablespace whose root the names in the tar are relative to; empty for the data directory */
    void tar(String tablespace, Path file) throws IOException, InterruptedException {
        writer.beginTablespace(tablespace);
        try (InputStream in = Files.newInputStream(file)) {
            tar(in);
        }
    }

    void tar(InputStream in) throws IOException, InterruptedException {
        TarStream tar = new TarStream(in);
        for (TarStream.Entry entry = tar.next(); entry != null; entry = tar.next()) {
            if (entry.name().equals(BaseBackupManifest.CONTROL_FILE)) {
                writer.beginLast();
            }
            String name = entry.name();
            tar.copy(entry, writer.begin(entry), (content, length) -> see(name, content, length));
        }
    }

    /** One that lies beside the tars and not in one. */
    void file(Path file) throws IOException, InterruptedException {
        String name = String.valueOf(file.getFileName());
        try (InputStream in = Files.newInputStream(file)) {
            append(name, Files.size(file), in, (content, length) -> see(name, content, length));
        }
    }

    /** The server's configuration files that are not in its data directory. */
    List<OutsideFile> outside() throws IOException, InterruptedException {
        List<OutsideFile> outside = new ArrayList<>();
        for (Path file : server.outside()) {
            String name = BaseBackupManifest.OUTSIDE_FOLDER + outside.size() + "-" + file.getFileName();
            byte[] content = Files.readAllBytes(file);
            append(name, content.length, new ByteArrayInputStream(content), (copied, length) -> {});
            outside.add(new OutsideFile(file.toString(), name));
        }
        return outside;
    }

    private void append(String name, long size, InputStream content, TarStream.Observer observer)
            throws IOException, InterruptedException {
        TarArchiveEntry header = new TarArchiveEntry(name);
        header.setSize(size);
        header.setMode(0100600);
        byte[] block = new byte[TarStream.BLOCK];
        header.writeEntryHeader(block);
        OutputStream out = writer.begin(new TarStream.Entry(name, size, true));
        out.write(block);
        byte[] buffer = new byte[256 << 10];
        for (int count = content.read(buffer); count >= 0; count = content.read(buffer)) {
            out.write(buffer, 0, count);
            observer.copied(buffer, count);
        }
        out.write(new byte[(int) (TarStream.padded(size) - size)]);
    }

    private void see(String name, byte[] content, int length) {
        watch.check();
        ends.see(name, content, length);
        bytes += length;
        watch.progress(new Progress("base backup", bytes, server.bytes(), "bytes"));
    }
}
