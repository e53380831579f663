package dev.lifeboat.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.luben.zstd.ZstdOutputStream;
import dev.lifeboat.activities.objectstore.S3ObjectStore;
import dev.lifeboat.activities.store.BucketLayout;
import dev.lifeboat.activities.store.DataObjects;
import dev.lifeboat.activities.store.Upload;
import dev.lifeboat.config.ConfigReader;
import dev.lifeboat.lab.engine.Folders;
import dev.lifeboat.lab.engine.Programs;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.S3Object;

/** A cluster whose backups are encrypted: recovered by the product, and by the page in the bucket without it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class EncryptedRecoveryIT {

    private static final String DUMP = "lab_2026-08-22_020000";
    private static final String ME = System.getProperty("user.name");
    private static final Duration LIMIT = Duration.ofMinutes(2);

    private final World world = World.start(Lab.Builder::encrypted);
    private final Path folder = Folders.temporary("by-hand");

    @AfterAll
    void end() {
        world.close();
        Folders.remove(folder);
    }

    @Test
    @Order(1)
    void aRecoveryReadsWhatNobodyElseCan() {
        Instant moment = world.goodMoment();

        JsonNode report = world.recover("--target", moment.toString(), "--drill");

        assertThat(report.path("mode").asText()).isEqualTo("drill");
        List<String> data = keys().stream()
                .filter(key -> key.contains("/chunks/") || key.matches("postgres/wal/.*/[0-9A-F]{24}\\.zst.*"))
                .toList();
        assertThat(data).hasSizeGreaterThan(3).allMatch(key -> key.endsWith(".zst.enc"));
        assertThat(world.succeeds("window", Lab.CLUSTER).output()).isNotBlank();
        assertThat(world.lab().cli().run("doctor").output()).contains("identity", "a recipient");
    }

    @Test
    @Order(2)
    void thePageRestoresADump() throws IOException {
        requirePrograms();
        world.load().pause();
        String orders = world.postgres().query("select count(*)::text from orders");
        storeDump();
        Path key = keyForTheServersUser();

        Programs.Result ran = new ByHand(world, folder).restore(DUMP, key);

        assertThat(ran.exitCode()).as(ran.output() + ran.errors()).isZero();
        assertThat(ran.output() + ran.errors()).doesNotContain("FAILED", "rror:", "No such file", "Traceback");
        Programs.Result count = Programs.run(
                ME,
                List.of(
                        world.postgres().binDirectory().resolve("psql").toString(),
                        "-AtX",
                        "-h",
                        "127.0.0.1",
                        "-p",
                        Integer.toString(world.postgres().port()),
                        "-U",
                        world.postgres().user(),
                        "-d",
                        world.postgres().database() + "_restored",
                        "-c",
                        "select count(*) from orders"),
                Map.of("PGPASSWORD", world.postgres().password()),
                LIMIT);
        assertThat(count.output().strip()).as(count.errors()).isEqualTo(orders);
        world.load().goOn();
    }

    @Test
    @Order(3)
    void thePageBringsTheClusterBackToItsTarget() throws IOException {
        requirePrograms();
        Instant target = world.goodMoment();
        world.load().close();
        ByHand.awaitArchived(world);
        world.lab().worker().terminate();

        Programs.Result ran = new ByHand(world, folder).recover(target, keyForTheServersUser());

        assertThat(ran.exitCode()).as(ran.output() + ran.errors()).isZero();
        assertThat(ran.output()).contains("recovery stopping before commit of transaction");
        assertThat(ran.output() + ran.errors())
                .doesNotContain("FATAL", "PANIC", "FAILED", "rror:", "No such file", "Traceback");
        world.assertRowsAt(target);
    }

    private static void requirePrograms() throws IOException {
        boolean there = ByHand.missing("zstd", "tar", "jq", "sha256sum").isEmpty() && ByHand.canDecrypt();
        String leftOut =
                "EncryptedRecoveryIT: the page's commands did not run: they need zstd, tar, jq, and python3 with cryptography";
        if (!there) {
            System.out.println(leftOut);
        }
        assumeTrue(there, leftOut);
    }

    private Path keyForTheServersUser() throws IOException {
        Path key = folder.resolve("backup.key");
        Files.deleteIfExists(key);
        return Files.copy(world.lab().privateKey(), key);
    }

    /** As {@code daily-dump} stores one. */
    private void storeDump() throws IOException {
        Path file = folder.resolve("plain.dump");
        Programs.Result dumped = Programs.run(
                ME,
                List.of(
                        world.postgres().binDirectory().resolve("pg_dump").toString(),
                        "-Fc",
                        "-Z0",
                        "-f",
                        file.toString(),
                        "-h",
                        "127.0.0.1",
                        "-p",
                        Integer.toString(world.postgres().port()),
                        "-U",
                        world.postgres().user(),
                        world.postgres().database()),
                Map.of("PGPASSWORD", world.postgres().password()),
                LIMIT);
        assertThat(dumped.exitCode()).as(dumped.errors()).isZero();
        ByteArrayOutputStream compressed = new ByteArrayOutputStream();
        try (OutputStream out = new ZstdOutputStream(compressed)) {
            Files.copy(file, out);
        }
        try (S3ObjectStore store =
                new S3ObjectStore(ConfigReader.read(world.lab().config()).bucket(), Map.of())) {
            DataObjects data = DataObjects.of(store);
            try (Upload upload = data.upload(data.keyFor(BucketLayout.dump(Lab.CLUSTER, DUMP)))) {
                upload.write(compressed.toByteArray());
                upload.complete();
            }
            store.put(BucketLayout.dumpManifest(Lab.CLUSTER, DUMP), "{}".getBytes(StandardCharsets.UTF_8));
        }
    }

    private List<String> keys() {
        try (S3Client client = world.lab().s3().client()) {
            return client.listObjectsV2Paginator(list -> list.bucket(Lab.BUCKET)).contents().stream()
                    .map(S3Object::key)
                    .toList();
        }
    }
}
