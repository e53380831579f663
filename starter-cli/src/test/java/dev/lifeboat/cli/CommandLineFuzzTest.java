package dev.lifeboat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import dev.lifeboat.workflows.contract.PayloadMapper;
import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;

/**
 * Whatever is typed: an answer at once, in the shape that is promised, and no question to Temporal where the words alone
 * are wrong. jqwik prints the seed of a failure, and tries it first the next time.
 */
class CommandLineFuzzTest {

    private static final ExecutorService PERSON = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "person");
        thread.setDaemon(true);
        return thread;
    });

    private static final List<String> COMMANDS = List.of(
            "list",
            "show",
            "plan",
            "start",
            "status",
            "watch",
            "approve",
            "reject",
            "retry",
            "skip",
            "abort",
            "report",
            "backups",
            "window",
            "setup",
            "cleanup",
            "doctor",
            "completion",
            "schedule",
            "expire",
            "pin",
            "unpin",
            "keys",
            "verify-evidence");

    private static final List<String> WORDS = List.of(
            "pitr-recovery",
            "base-backup",
            "daily-dump",
            "pitr-recovery/main",
            "pitr-recovery/main/drill",
            "pitr-recovery/main@0192",
            "base-backup/main",
            "sync",
            "pause",
            "resume",
            "trigger",
            "list",
            "postgres",
            "main",
            "other",
            "bash",
            "replay-wal",
            "--config",
            "-o",
            "json",
            "text",
            "--no-color",
            "--help",
            "--cluster",
            "--target",
            "--target-lsn",
            "--target-xid",
            "--target-name",
            "--exclusive",
            "--timeline",
            "--backup",
            "--into",
            "--port",
            "--drill",
            "--reason",
            "--yes",
            "--detach",
            "--wait",
            "--take-over",
            "--apply",
            "--dry-run",
            "--output-dir",
            "latest",
            "immediate",
            "current",
            "2026-08-22T09:15:00Z",
            "2026-08-22 09:15:00",
            "2026-10-25T02:30:00",
            "+999999999-12-31T23:59:59Z",
            "-999999999-01-01T00:00:00Z",
            "2026-08-22T09:15:00+99:99",
            "0/3000148",
            "FFFFFFFF/FFFFFFFF",
            "FFFFFFFFF/0",
            "0/",
            "/",
            "1234",
            "0",
            "-1",
            "2147483648",
            "18446744073709551616",
            "PT5M",
            "PT-5M",
            "P99999999999D",
            "/var/lib/pg/main",
            "/var/lib/pg/main/../main/x",
            "relative",
            "/",
            "5433",
            "65536",
            "",
            " ",
            "=",
            "--",
            "-",
            "--=",
            "--target=",
            "--port=x",
            "@",
            "@file",
            "@/dev/null",
            "a/b/c/d",
            "../..",
            "\u0000",
            "\u001b[2J",
            "\u202Ex",
            "\uD800",
            "😀",
            "x".repeat(5_000));

    @Property(tries = 800)
    void whateverIsTypedIsAnsweredInTheShapeThatIsPromised(@ForAll("lines") List<String> line) throws Exception {
        judge(line, Desk.CONFIG);
    }

    /** The other way round: everything is well but the file. */
    @Property(tries = 300)
    void aBrokenConfigurationIsExitTwoForEachCommand(
            @ForAll("commandsThatNeedIt") List<String> line, @ForAll("broken") String file) throws Exception {
        Desk.Said said = judge(line, file);

        assertThat(said.exit()).isEqualTo(2);
    }

    /** Two targets, or none; inputs of another runbook; a drill that is no drill. */
    @Property(tries = 300)
    void wordsThatContradictEachOtherAreNeverBroughtToTemporal(@ForAll("contradictions") List<String> line)
            throws Exception {
        Desk.Said said = judge(line, Desk.CONFIG);

        assertThat(said.exit()).isEqualTo(2);
    }

    @Example
    void whatWasFoundOnceStaysFound() throws Exception {
        for (List<String> line : FOUND) {
            judge(line, Desk.CONFIG);
        }
    }

    private static final List<List<String>> FOUND = List.of(
            List.of(),
            List.of(""),
            List.of("--"),
            List.of("@file"),
            List.of("-o"),
            List.of("-o", "json"),
            List.of("-o", "json", "-o", "json", "list", "--nonsense"),
            List.of("-o=json", "start"),
            List.of("start", "--target"),
            List.of("start", "-o", "json", "pitr-recovery", "--port", "99999999999"),
            List.of("approve", "pitr-recovery", "take-lease", "\u001b[2J"),
            List.of("show", "\u202Ex"),
            List.of("list", "--config", "\0"));

    @Provide
    Arbitrary<List<String>> lines() {
        Arbitrary<String> word = Arbitraries.frequencyOf(
                net.jqwik.api.Tuple.of(8, Arbitraries.of(WORDS)),
                net.jqwik.api.Tuple.of(1, Arbitraries.strings().all().ofMaxLength(12)),
                net.jqwik.api.Tuple.of(1, Arbitraries.of(COMMANDS)));
        return Combinators.combine(Arbitraries.of(COMMANDS), word.list().ofMaxSize(7), Arbitraries.of(0, 1, 2))
                .as((command, words, json) -> {
                    List<String> line = new ArrayList<>();
                    if (json == 1) {
                        line.addAll(List.of("-o", "json"));
                    }
                    line.add(command);
                    line.addAll(words);
                    if (json == 2) {
                        line.addAll(List.of("-o", "json"));
                    }
                    return line;
                });
    }

    @Provide
    Arbitrary<List<String>> commandsThatNeedIt() {
        List<List<String>> commands = List.of(
                List.of("plan", "pitr-recovery", "--cluster", "main", "--target", "latest"),
                List.of("start", "base-backup", "--cluster", "main"),
                List.of("status"),
                List.of("status", "pitr-recovery/main"),
                List.of("watch", "pitr-recovery/main"),
                List.of("approve", "pitr-recovery/main", "take-lease"),
                List.of("abort", "pitr-recovery/main", "--reason", "x"),
                List.of("report", "pitr-recovery/main"),
                List.of("backups"),
                List.of("window", "main"),
                List.of("setup", "postgres", "main"),
                List.of("cleanup", "--dry-run"),
                List.of("schedule", "list"),
                List.of("schedule", "sync", "--yes"),
                List.of("schedule", "pause"),
                List.of("schedule", "resume", "base-backup/main"),
                List.of("schedule", "trigger", "base-backup/main"),
                List.of("doctor"));
        return Combinators.combine(Arbitraries.of(commands), Arbitraries.of(true, false))
                .as((command, json) -> {
                    List<String> line = new ArrayList<>(command);
                    if (json) {
                        line.addAll(List.of("-o", "json"));
                    }
                    return line;
                });
    }

    @Provide
    Arbitrary<String> broken() {
        return Arbitraries.of(
                "",
                "[",
                "\t",
                "a",
                "bucket: 1",
                "postgres: []",
                Desk.CONFIG + "buckt: {}\n",
                Desk.CONFIG + Desk.CONFIG,
                Desk.CONFIG.replace("5433", "port"),
                Desk.CONFIG.replace("5433", "99999"),
                Desk.CONFIG.replace("s3://backups", "https://backups"),
                Desk.CONFIG + "temporal: { address: nowhere }\n",
                Desk.CONFIG + "temporal: { address: \"127.0.0.1:0\" }\n",
                Desk.CONFIG + "worker: { health-port: [1] }\n",
                Desk.CONFIG + "schedules: [{ runbook: base-backup, cluster: main, cron: \"* * *\" }]\n",
                Desk.CONFIG + "schedules: [{ runbook: pitr-recovery, cluster: main, cron: \"0 4 1 * *\" }]\n",
                Desk.CONFIG + "schedules: {}\n",
                "{a: ".repeat(2_000),
                "\u0000");
    }

    @Provide
    Arbitrary<List<String>> contradictions() {
        List<List<String>> wrong = List.of(
                List.of(),
                List.of("--target", "latest", "--target-xid", "77"),
                List.of("--target", "latest", "--target", "immediate"),
                List.of("--target-lsn", "0/1", "--target-name", "x"),
                List.of("--target", "latest", "--exclusive"),
                List.of("--target", "2026-08-22T09:15:00"),
                List.of("--target", "yesterday"),
                List.of("--target-lsn", "0/XYZ"),
                List.of("--target-xid", "-5"),
                List.of("--target-name", ""),
                List.of("--target", "latest", "--timeline", "0"),
                List.of("--target", "latest", "--timeline", "99999999999"),
                List.of("--target", "latest", "--drill", "--into", "/x", "--port", "1"),
                List.of("--target", "latest", "--into", "/x"),
                List.of("--target", "latest", "--port", "5499"),
                List.of("--target", "latest", "--into", "x", "--port", "5499"),
                List.of("--target", "latest", "--into", "/var/lib/pg/main/x", "--port", "5499"),
                List.of("--target", "latest", "--into", "/x", "--port", "5433"),
                List.of("--target", "latest", "--into", "/x", "--port", "0"),
                List.of("--target", "latest", "--wait", "soon"),
                List.of("--target", "latest", "extra"));
        return Combinators.combine(Arbitraries.of("plan", "start"), Arbitraries.of(wrong), Arbitraries.of(true, false))
                .as((command, words, json) -> {
                    List<String> line = new ArrayList<>(List.of(command, "pitr-recovery", "--cluster", "main"));
                    line.addAll(words);
                    if (json) {
                        line.addAll(List.of("-o", "json"));
                    }
                    return line;
                });
    }

    private Desk.Said judge(List<String> line, String config) throws Exception {
        Path folder = Files.createTempDirectory("lifeboat-fuzz");
        try {
            // One for each line: `list` answers without waiting for its question to Temporal, which may come after
            // that.
            AtomicBoolean asked = new AtomicBoolean();
            Desk desk = new Desk(folder, address -> away(asked));
            Files.writeString(folder.resolve("lifeboat.yaml"), config);
            Desk.Said said =
                    PERSON.submit(() -> desk.run(line.toArray(String[]::new))).get(20, TimeUnit.SECONDS);
            requireShape(line, said, asked.get());
            return said;
        } catch (TimeoutException e) {
            throw new AssertionError("no answer within 20 s to " + line, e);
        } finally {
            delete(folder);
        }
    }

    private static Gateway away(AtomicBoolean asked) {
        asked.set(true);
        throw Status.UNAVAILABLE.withDescription("this test has no network").asRuntimeException();
    }

    private static void requireShape(List<String> line, Desk.Said said, boolean asked) throws IOException {
        assertThat(said.exit()).as(() -> line + " " + said).isIn(0, 2, 8, 10);
        assertThat(said.out() + said.err())
                .doesNotContain("\tat ", "Exception", "nobody foresaw")
                .doesNotContain("\u001b");
        assertThat(said.err()).doesNotContain("\u202E");
        if (said.exit() == 0) {
            return;
        }
        assertThat(said.err().lines())
                .anyMatch(words -> words.startsWith("lifeboat: error: "))
                .anyMatch(words -> words.startsWith("lifeboat: hint: "));
        if (said.exit() == 2) {
            assertThat(asked)
                    .as("whether Temporal was asked for %s, which is wrong by its words alone", line)
                    .isFalse();
        }
        // What the doctor found is its result, also where something is missing.
        boolean hasResult = line.contains("doctor") && said.exit() != 2;
        if (asksForJson(line)) {
            List<JsonNode> documents = documents(said.out());
            assertThat(documents).as(said.out()).hasSize(1);
            if (!hasResult) {
                assertThat(documents.get(0).at("/error/message").asText()).isNotBlank();
                assertThat(documents.get(0).at("/error/hint").asText()).isNotBlank();
            }
        } else if (!hasResult
                && line.stream().noneMatch(word -> word.startsWith("-o") || word.startsWith("--output"))) {
            assertThat(said.out()).isEmpty();
        }
    }

    /** Where it is said without doubt; other spellings of it are tried, and may be understood. */
    private static boolean asksForJson(List<String> line) {
        int at = line.indexOf("-o");
        return at >= 0
                && at + 1 < line.size()
                && line.get(at + 1).equals("json")
                && (at == 0 || !line.get(at - 1).startsWith("-"))
                && !line.subList(0, at).contains("--");
    }

    private static List<JsonNode> documents(String out) throws IOException {
        JsonParser parser = PayloadMapper.json().getFactory().createParser(out);
        try (MappingIterator<JsonNode> values =
                PayloadMapper.json().readerFor(JsonNode.class).readValues(parser)) {
            return values.readAll();
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    @AfterContainer
    static void end() {
        PERSON.shutdownNow();
    }
}
