package dev.lifeboat.activities.postgres;

import dev.lifeboat.activities.store.BucketLayout;
import dev.lifeboat.activities.store.Json;
import dev.lifeboat.lab.engine.LabPostgres;
import dev.lifeboat.workflows.domain.postgres.DatabaseFacts;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.DriverManager;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/** A dump of a database in the format of the catalogue, made by {@code pg_dump} while nobody writes. */
public final class HandMadeDump {

    private static final DateTimeFormatter SECONDS =
            DateTimeFormatter.ofPattern("uuuu-MM-dd_HHmmss").withZone(ZoneOffset.UTC);

    private HandMadeDump() {}

    /**
     * @param put writes an object by its key
     * @return its ID
     */
    public static String take(LabPostgres server, Path folder, Instant at, BiConsumer<String, byte[]> put)
            throws Exception {
        String database = server.database();
        String id = database + "_" + SECONDS.format(at);
        DatabaseFacts facts = facts(server, database);
        ClusterAccess access = new ClusterAccess(
                server.config(),
                new dev.lifeboat.activities.store.InMemoryObjectStore(),
                fence -> {},
                Map.of(),
                "1@hand");
        Path plain = folder.resolve(id + ".plain");
        Commands.require(
                new ServerUser(null),
                access.program("pg_dump", "-Fc", "-Z0", "-f", plain.toString(), database),
                access.clientEnvironment(),
                Duration.ofMinutes(1));
        byte[] stored = Zstandard.compress(Files.readAllBytes(plain));
        byte[] globals = Zstandard.compress("-- roles\n".getBytes(StandardCharsets.UTF_8));
        DumpManifest manifest = new DumpManifest(
                DumpManifest.FORMAT,
                id,
                "main",
                database,
                access.controlFile().systemId(),
                150000,
                at,
                Instant.now(),
                Files.size(plain),
                stored.length,
                server.user(),
                property(server, "pg_encoding_to_char(encoding)"),
                property(server, "datcollate"),
                property(server, "datctype"),
                new DumpManifest.Stored(
                        BucketLayout.dump("main", id), Files.size(plain), stored.length, sha256(stored)),
                new DumpManifest.Stored(BucketLayout.dumpGlobals("main", id), 9, globals.length, sha256(globals)),
                facts,
                "run",
                "1@hand",
                Map.of(),
                null,
                null);
        put.accept(BucketLayout.dump("main", id), stored);
        put.accept(BucketLayout.dumpGlobals("main", id), globals);
        put.accept(BucketLayout.dumpManifest("main", id), Json.write(manifest));
        Files.delete(plain);
        return id;
    }

    static DatabaseFacts facts(LabPostgres server, String database) throws Exception {
        try (Connection connection =
                DriverManager.getConnection(server.jdbcUrl(database), server.user(), server.password())) {
            connection.setAutoCommit(false);
            return new DatabaseFactsReader(List.of(connection), Duration.ZERO, BackupWorld.NOBODY).read();
        }
    }

    private static String property(LabPostgres server, String what) {
        return String.valueOf(
                server.query("select %s from pg_database where datname = current_database()".formatted(what)));
    }

    private static String sha256(byte[] bytes) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }
}
