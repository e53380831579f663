package dev.lifeboat.config;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
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
 * Whatever stands in {@code lifeboat.yaml}: it is read, or refused in a sentence with a hint, at once. jqwik prints the seed
 * of a failure, and tries it first the next time.
 */
class ConfigFuzzTest {

    private static final String SECRET = "hunter2-Tr0ub4dor";
    private static final int LONGEST = 8_000;
    private static final ExecutorService READER = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "reader");
        thread.setDaemon(true);
        return thread;
    });

    private static final String WHOLE =
            """
            platform: devplatform
            temporal:
              address: 10.0.0.5:7233
              namespace: ops
              api-key: env:KEY
              tls: { server-name: temporal.example }
              sticky-workflows: false
            bucket:
              url: s3://devplatform-backups/some/prefix/
              endpoint: http://127.0.0.1:9000
              region: eu-west-1
              access-key: env:BACKUP_S3_ACCESS_KEY
              secret-key: file:keys/s3
            postgres:
              main:
                data-directory: data
                bin-directory: /usr/lib/postgresql/15/bin
                config-file: /etc/postgresql/15/main/postgresql.conf
                run-as: postgres
                host: 127.0.0.2
                port: 5433
                user: admin
                password: env:PGPASSWORD
                database: dev_platform
                databases: [dev_platform]
                start: systemctl start postgresql
                stop: systemctl stop postgresql
                smoke-tests:
                  - { name: newest order is recent, sql: "select count(*) from orders", at-least: 1 }
                  - { name: revision, sql: "select 1", equals: 7f3a }
                objectives: { rto: PT30M, rpo: PT5M }
                marker-interval: PT5S
                spool-directory: /big/spool
            writers:
              backend: { stop: "stop it", start: "start it", proof: "is it gone" }
            worker: { health-port: 8081 }
            schedules:
              - { runbook: base-backup, cluster: main, cron: "30 1 * * *", jitter: PT5M, catch-up: PT6H }
              - { runbook: pitr-recovery, cluster: main, cron: "0 4 1 * *", inputs: { drill: true }, paused: not yet }
            """;

    /** How a line, a value or the whole file becomes another. */
    enum Change {
        VALUE,
        KEY,
        LINE_TWICE,
        LINE_GONE,
        INDENT,
        TAB,
        INSERT,
        CUT,
        BELOW,
        SECRET_IN_PLAIN
    }

    record Edit(Change change, int at, String what) {}

    @Property(tries = 1_500)
    void aFileThatWasEditedCarelesslyIsReadOrRefusedInWords(@ForAll("edits") List<Edit> edits) throws Exception {
        String text = WHOLE;
        for (Edit edit : edits) {
            text = apply(edit, text);
        }

        judge(text.getBytes(UTF_8));
    }

    @Property(tries = 500)
    void bytesThatAreNoConfigurationAreRefusedInWords(@ForAll("bytes") byte[] bytes) throws Exception {
        judge(bytes);
    }

    /** What is known to be hard on readers of YAML, and what was found here once. */
    @Example
    void nothingThatIsKnownToHurtHurts() throws Exception {
        List<String> hard = List.of(
                "",
                " ",
                "---",
                "null",
                "--- a\n--- b\n",
                "a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\nbucket: *c\n",
                "bucket: &b { url: s3://abc, <<: *b }\n",
                "&x postgres: *x\n",
                "? [complex, key]\n: value\n",
                "? { bucket: 1 }\n: value\n",
                "bucket: !!java.net.URL [\"http://127.0.0.1:1/\"]\n",
                "bucket: !!javax.script.ScriptEngineManager [!!java.net.URLClassLoader [[!!java.net.URL [\"http://127.0.0.1:1/\"]]]]\n",
                "postgres: { \"\": {} }\n",
                "postgres: { '\u001b[31mred': {} }\n",
                "'\u001b]0;owned\u0007': 1\n",
                "bucket: { url: \"s3://\u0000\" }\n",
                "\t\n",
                "[".repeat(10_000),
                "{a: ".repeat(10_000),
                "- ".repeat(5_000),
                "a".repeat(1_000_000) + ": 1\n",
                "a: " + "9".repeat(1_000_000) + "\n",
                numbered("key", 20_000),
                "postgres:\n" + numbered("  c", 20_000),
                "worker: { health-port: 99999999999999999999999 }\n",
                "worker: { health-port: 0x1F90 }\n",
                "worker: { health-port: 1e9 }\n",
                WHOLE.replace("PT5S", "PT99999999999999999999999S"),
                WHOLE.replace("PT30M", "P999999999999D"),
                WHOLE.replace("PT30M", "PT-1S"),
                WHOLE.replace("5433", "-1"),
                WHOLE.replace("http://127.0.0.1:9000", "http://[::1"),
                WHOLE.replace("http://127.0.0.1:9000", "http://127.0.0.1:99999"),
                WHOLE.replace("http://127.0.0.1:9000", "http://a:-5/x y"),
                WHOLE.replace("10.0.0.5:7233", "10.0.0.5:99999"),
                WHOLE.replace("data-directory: data", "data-directory: \"a\\0b\""),
                WHOLE.replace("\n", "\r\n"),
                WHOLE.replace("\n", "\u2028"),
                WHOLE + WHOLE);

        for (String text : hard) {
            judge(text.getBytes(UTF_8));
        }
        judge(WHOLE.getBytes(java.nio.charset.StandardCharsets.UTF_16));
        judge(new byte[2 << 20]);
    }

    private static String numbered(String word, int count) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < count; i++) {
            text.append(word).append(i).append(": {}\n");
        }
        return text.toString();
    }

    @Provide
    Arbitrary<List<Edit>> edits() {
        Arbitrary<String> values = Arbitraries.oneOf(
                Arbitraries.of(
                        "",
                        "~",
                        "true",
                        "[]",
                        "{}",
                        "[a, [b, [c]]]",
                        "{ a: { b: { c: d } } }",
                        "-1",
                        "0",
                        "99999999999999999999",
                        "1e309",
                        ".nan",
                        "0x7fffffffffffffff",
                        "PT",
                        "P1Y",
                        "PT1H1H",
                        "1 hour",
                        "s3://",
                        "s3://UPPER/",
                        "s3://a/../b",
                        "http://",
                        "http://user:" + SECRET + "@host:1",
                        "ftp://x",
                        "*",
                        "*alias",
                        "&anchor x",
                        "!!binary aGk=",
                        "!!int abc",
                        "!tag x",
                        "\"unfinished",
                        "'unfinished",
                        "|",
                        ">",
                        "@at",
                        "`tick",
                        "%percent",
                        "a: b: c",
                        "- x",
                        "# all comment",
                        "\u202Eright to left",
                        "\uFEFF",
                        "\u0007bell",
                        "\u001b[2Jclear",
                        "2026-02-30",
                        "0 2 * * * * * *",
                        "../../../../etc/passwd",
                        "/\u0000/",
                        "x".repeat(70_000)),
                Arbitraries.strings().all().ofMaxLength(30),
                Arbitraries.strings().ascii().ofMaxLength(30),
                Arbitraries.longs().map(String::valueOf));
        Arbitrary<Edit> edit = Combinators.combine(
                        Arbitraries.of(Change.class), Arbitraries.integers().between(0, 2_000), values)
                .as(Edit::new);
        return edit.list().ofMinSize(1).ofMaxSize(5);
    }

    @Provide
    Arbitrary<byte[]> bytes() {
        return Arbitraries.bytes().array(byte[].class).ofMaxSize(3_000);
    }

    private static String apply(Edit edit, String text) {
        List<String> lines = new ArrayList<>(Arrays.asList(text.split("\n", -1)));
        int at = edit.at() % lines.size();
        String line = lines.get(at);
        int colon = line.indexOf(':');
        String indent = line.substring(0, line.length() - line.stripLeading().length());
        switch (edit.change()) {
            case VALUE -> lines.set(at, (colon < 0 ? line + ":" : line.substring(0, colon + 1)) + " " + edit.what());
            case KEY -> lines.set(at, indent + edit.what() + (colon < 0 ? ":" : line.substring(colon)));
            case LINE_TWICE -> lines.add(at, line);
            case LINE_GONE -> lines.remove(at);
            case INDENT -> lines.set(at, " ".repeat(edit.at() % 7) + line.strip());
            case TAB -> lines.set(at, "\t" + line.strip());
            case INSERT -> {
                int column = Math.min(line.length(), edit.at() % 40);
                lines.set(at, line.substring(0, column) + edit.what() + line.substring(column));
            }
            case CUT -> {
                return text.substring(0, Math.min(text.length(), edit.at()));
            }
            case BELOW -> lines.add(at + 1, indent + "  " + edit.what() + ": " + edit.what());
            case SECRET_IN_PLAIN -> lines.set(at, line.replaceFirst("(env|file):.*", SECRET));
        }
        return String.join("\n", lines);
    }

    private static void judge(byte[] bytes) throws Exception {
        Path folder = Files.createTempDirectory("lifeboat-fuzz");
        Path file = folder.resolve("lifeboat.yaml");
        try {
            Files.write(file, bytes);
            Optional<ConfigException> refused = READER.submit(() -> read(file)).get(30, TimeUnit.SECONDS);
            refused.ifPresent(ConfigFuzzTest::requireWords);
        } catch (TimeoutException e) {
            String begin = new String(bytes, 0, Math.min(200, bytes.length), UTF_8);
            throw new AssertionError(
                    "read for more than 30 s: %d bytes that begin with %s".formatted(bytes.length, begin), e);
        } finally {
            delete(folder);
        }
    }

    private static Optional<ConfigException> read(Path file) {
        try {
            assertThat(ConfigReader.read(file).postgres()).isNotEmpty();
            return Optional.empty();
        } catch (ConfigException refused) {
            return Optional.of(refused);
        }
    }

    private static void requireWords(ConfigException refused) {
        for (String words : List.of(String.valueOf(refused.getMessage()), refused.hint())) {
            assertThat(words).isNotBlank().doesNotContain(SECRET).hasSizeLessThan(LONGEST);
            assertThat(words.codePoints().filter(ConfigFuzzTest::isUnprintable).boxed())
                    .as("what could move the cursor or hide the rest of the line")
                    .isEmpty();
        }
    }

    private static boolean isUnprintable(int character) {
        return switch (Character.getType(character)) {
            case Character.CONTROL, Character.FORMAT, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> true;
            default -> false;
        };
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
    }

    @AfterContainer
    static void end() {
        READER.shutdownNow();
    }
}
