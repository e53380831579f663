package dev.lifeboat.activities.postgres;

import dev.lifeboat.activities.objectstore.S3ObjectStore;
import dev.lifeboat.activities.store.BucketLayout;
import dev.lifeboat.activities.store.Json;
import dev.lifeboat.activities.store.ObjectStore;
import dev.lifeboat.activities.store.Upload;
import dev.lifeboat.lab.engine.LabPostgres;
import dev.lifeboat.lab.engine.S3Engine;
import dev.lifeboat.workflows.domain.postgres.DatabaseFacts;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * A dump taken by hand with {@code pg_dump}, put where a run would put it: only what restores dumps is on trial. Nobody may
 * write to the database meanwhile.
 */
public final class DumpInBucket {

    private DumpInBucket() {}

    /** @return its id */
    public static String take(LabPostgres server, S3Engine s3, String bucket, String id) {
        ObjectStore store = new S3ObjectStore(s3.bucket(bucket, ""), s3.environment());
        return take(server, new ClusterAccess(server.config(), store, fence -> {}, Map.of(), "1@test"), id)
                .id();
    }

    static DumpManifest take(LabPostgres server, ClusterAccess access, String id) {
        try {
            Path folder = Files.createTempDirectory("lifeboat-dump");
            try {
                return take(server, access, id, folder);
            } finally {
                FileTrees.delete(folder);
            }
        } catch (IOException | SQLException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static DumpManifest take(LabPostgres server, ClusterAccess access, String id, Path folder)
            throws IOException, SQLException, InterruptedException {
        Instant began = Instant.now();
        DatabaseFacts facts;
        try (Connection connection = server.connect()) {
            facts = new DatabaseFactsReader(List.of(connection), Duration.ZERO, BackupWorld.NOBODY).read();
        }
        Path archive = folder.resolve("archive");
        Path globals = folder.resolve("globals");
        run(server, "pg_dump", "-Fc", "-Z0", "-f", archive.toString(), server.database());
        run(server, "pg_dumpall", "--globals-only", "--no-role-passwords", "-f", globals.toString());
        DumpManifest.Stored archived = store(access, BucketLayout.dump("main", id), archive);
        DumpManifest manifest = new DumpManifest(
                1,
                id,
                "main",
                server.database(),
                access.controlFile().systemId(),
                Integer.parseInt(String.valueOf(server.query("show server_version_num"))),
                began,
                Instant.now(),
                archived.bytes(),
                archived.storedBytes(),
                server.user(),
                text(server, "pg_encoding_to_char(encoding)"),
                text(server, "datcollate"),
                text(server, "datctype"),
                archived,
                store(access, BucketLayout.dumpGlobals("main", id), globals),
                facts,
                "run-0",
                "1@test",
                Map.of(),
                null,
                null);
        access.store().put(BucketLayout.dumpManifest("main", id), Json.write(manifest));
        return manifest;
    }

    private static String text(LabPostgres server, String column) {
        return String.valueOf(
                server.query("select %s from pg_database where datname = '%s'".formatted(column, server.database())));
    }

    private static DumpManifest.Stored store(ClusterAccess access, String plainKey, Path file) throws IOException {
        String key = access.data().keyFor(plainKey);
        Path compressed = file.resolveSibling(file.getFileName() + ".zst");
        try (OutputStream frame = Zstandard.compressing(Files.newOutputStream(compressed))) {
            Files.copy(file, frame);
        }
        try (Upload upload = access.data().upload(key)) {
            Files.copy(compressed, upload);
            Upload.Uploaded uploaded = upload.complete();
            return new DumpManifest.Stored(key, Files.size(file), uploaded.size(), uploaded.sha256());
        }
    }

    private static void run(LabPostgres server, String program, String... arguments) {
        List<String> command = new java.util.ArrayList<>(
                List.of(server.binDirectory().resolve(program).toString()));
        command.addAll(List.of(arguments));
        Commands.require(
                new ServerUser(null),
                command,
                Map.of(
                        "PGHOST",
                        "127.0.0.1",
                        "PGPORT",
                        Integer.toString(server.port()),
                        "PGUSER",
                        server.user(),
                        "PGPASSWORD",
                        server.password()),
                Duration.ofMinutes(5));
    }
}
