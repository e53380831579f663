package dev.lifeboat.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lifeboat.lab.engine.Folders;
import dev.lifeboat.lab.engine.Programs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;

/** A cluster whose backups are encrypted: recovered by the product, and by the page in the bucket without it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class EncryptedRecoveryIT {

    private static final String ME = System.getProperty("user.name");
    private static final Duration LIMIT = Duration.ofMinutes(2);

    /** So many headers are written at once: when one more is begun, the first is done. */
    private static final int AT_ONCE = 8;

    private static final Predicate<String> WRITES_HEADER = line -> line.startsWith("PUT ") && line.contains(".zst.enc");

    private final World world = World.start(lab -> lab.encrypted().storeProxy());
    private final SealedBucket bucket = new SealedBucket(world.lab());
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
        List<String> data = bucket.keys().stream()
                .filter(key -> key.contains("/chunks/") || key.matches("postgres/wal/.*/[0-9A-F]{24}\\.zst.*"))
                .toList();
        assertThat(data).hasSizeGreaterThan(3).allMatch(key -> key.endsWith(".zst.enc"));
        assertThat(world.succeeds("window", Lab.CLUSTER).output()).isNotBlank();
        assertThat(world.lab().cli().run("doctor").output()).contains("identity", "a recipient");
    }

    /** As {@code docs/encryption.md} says, step by step, and with a worker that dies in the middle. */
    @Test
    @Order(2)
    void aKeyIsRetiredAndItsSuccessorOpensEverything() throws Exception {
        world.archiveSegments(2 * AT_ONCE);
        world.load().pause();
        world.succeeds("start", "daily-dump", "--cluster", Lab.CLUSTER);
        world.succeeds("keys", "generate", "--out", "secrets/fresh");
        String old = bucket.id("backup");
        String fresh = bucket.id("fresh");

        assertThat(world.succeeds("keys", "add-recipient", "secrets/fresh.pub").output())
                .contains("would write the headers of", "--yes");
        Map<String, byte[]> before = bucket.sealed();
        bucket.assertOpenedBy(before.keySet(), "backup");
        JsonNode added = rewrapped("keys", "add-recipient", "secrets/fresh.pub", "--yes");
        assertThat(added.path("changed").asInt())
                .isEqualTo(added.path("objects").asInt())
                .isGreaterThanOrEqualTo(before.size());
        bucket.assertOpenedBy(before.keySet(), "backup");
        bucket.assertOpenedBy(before.keySet(), "fresh");

        configure("recipients: [secrets/fresh.pub], identity: \"file:secrets/fresh.key\"");
        killedInTheMiddleOf("keys", "rewrap", "--yes");
        List<String> stillForBoth = bucket.namedIn(before.keySet(), old);
        assertThat(stillForBoth).isNotEmpty().hasSizeLessThan(before.size());
        world.lab().worker().start();
        world.lab().worker().awaitServing();
        JsonNode again = rewrapped("keys", "rewrap", "--yes");

        assertThat(again.path("failures")).isEmpty();
        assertThat(again.path("keepsIdentity").asBoolean()).isTrue();
        assertThat(bucket.namedIn(before.keySet(), old)).isEmpty();
        bucket.assertOpenedBy(before.keySet(), "fresh");
        bucket.assertRefusedTo(before.keySet(), "backup", fresh);
        Map<String, byte[]> after = bucket.sealed();
        assertThat(after).containsKeys(before.keySet().toArray(String[]::new));
        before.forEach((key, bytes) ->
                assertThat(body(after.get(key))).as("the body of " + key).isEqualTo(body(bytes)));
    }

    @Test
    @Order(3)
    void thePageRestoresADump() throws IOException {
        requirePrograms();
        String orders = world.postgres().query("select count(*)::text from orders");
        String dump = bucket.keys().stream()
                .filter(key -> key.endsWith(".dump.zst.enc"))
                .map(key -> key.substring(key.lastIndexOf('/') + 1, key.length() - ".dump.zst.enc".length()))
                .findFirst()
                .orElseThrow();
        Path key = keyForTheServersUser();

        Programs.Result ran = new ByHand(world, folder).restore(dump, key);

        assertThat(ran.exitCode()).as(ran.output() + ran.errors()).isZero();
        assertThat(ran.output() + ran.errors()).doesNotContain("FAILED", "rror:", "No such file", "Traceback");
        assertThat(restoredOrders()).isEqualTo(orders);
        world.load().goOn();
    }

    @Test
    @Order(4)
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

    private static byte[] body(byte @Nullable [] stored) {
        byte[] all = Objects.requireNonNull(stored);
        return Arrays.copyOfRange(all, SealedBucket.HEADER, all.length);
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

    private String restoredOrders() {
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
        assertThat(count.exitCode()).as(count.errors()).isZero();
        return count.output().strip();
    }

    /** That of today: the first one was retired. */
    private Path keyForTheServersUser() throws IOException {
        Path key = folder.resolve("backup.key");
        Files.deleteIfExists(key);
        return Files.copy(bucket.privateKey("fresh"), key);
    }

    private void configure(String encryption) throws IOException {
        Path config = world.lab().config();
        String changed = Files.readString(config)
                .replaceFirst("encryption: \\{.*}", Matcher.quoteReplacement("encryption: { " + encryption + " }"));
        assertThat(changed).contains(encryption);
        Files.writeString(config, changed);
        world.lab().worker().terminate();
        world.lab().worker().start();
        world.lab().worker().awaitServing();
    }

    /** The terminal is closed as well. */
    private void killedInTheMiddleOf(String... words) throws Exception {
        WorkerProcess worker = world.lab().worker();
        // One more again, since PostgreSQL may finish a segment in these moments.
        CompletableFuture<Void> killed = world.lab().storeProxy().onRequest(WRITES_HEADER, AT_ONCE + 2, worker::kill);
        Process command = world.lab().cli().background(folder.resolve("rewrap.log"), words);
        try {
            killed.orTimeout(3, TimeUnit.MINUTES).join();
        } finally {
            command.destroyForcibly().waitFor();
        }
    }

    /** What the command says of the cluster. */
    private JsonNode rewrapped(String... words) {
        List<String> all = new ArrayList<>(List.of(words));
        all.addAll(List.of("-o", "json"));
        JsonNode said = World.json(world.succeeds(all.toArray(String[]::new)).output());
        assertThat(said.path("applied").asBoolean()).isTrue();
        return said.path("clusters").path(Lab.CLUSTER);
    }
}
