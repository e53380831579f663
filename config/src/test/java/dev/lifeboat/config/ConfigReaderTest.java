package dev.lifeboat.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.lifeboat.config.LifeboatConfig.Generations;
import dev.lifeboat.config.LifeboatConfig.PostgresCluster;
import dev.lifeboat.config.LifeboatConfig.Retention;
import dev.lifeboat.config.LifeboatConfig.SmokeTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigReaderTest {

    private static final String WHOLE =
            """
            platform: devplatform
            temporal: { address: 10.0.0.5:7233, namespace: ops, api-key: "env:KEY", tls: {}, sticky-workflows: false }
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
            worker: { health-port: 8081, metrics-every: PT30S }
            retention:
              dumps: { latest: 3, daily: 7, weekly: 4, monthly: 6, yearly: 1 }
              base-backups: { latest: 5, window: P14D }
              wal: { beyond-oldest: P2D }
              grace: PT36H
            """;

    private static final String SMALLEST =
            """
            bucket: { url: "s3://backups" }
            postgres: { main: { data-directory: /d, bin-directory: /b } }
            """;

    @TempDir
    Path folder = Path.of("");

    @Test
    void everyKeyArrivesWhereItBelongs() throws IOException {
        LifeboatConfig config = read(WHOLE);

        assertThat(config.platform()).isEqualTo("devplatform");
        assertThat(config.temporal())
                .isEqualTo(new LifeboatConfig.Temporal(
                        "10.0.0.5:7233",
                        "ops",
                        new SecretRef("env:KEY", folder),
                        new LifeboatConfig.Tls(null, null, null, null),
                        false));
        assertThat(config.bucket().name()).isEqualTo("devplatform-backups");
        assertThat(config.bucket().prefix()).isEqualTo("some/prefix");
        assertThat(config.bucket().secretKey()).isEqualTo(new SecretRef("file:keys/s3", folder));
        assertThat(config.writers().get("backend"))
                .isEqualTo(new LifeboatConfig.Writer("backend", "stop it", "start it", "is it gone"));
        assertThat(config.retention())
                .isEqualTo(new Retention(
                        new Generations(3, 7, 4, 6, 1),
                        5,
                        Duration.ofDays(14),
                        Duration.ofDays(2),
                        Duration.ofHours(36)));
        assertThat(config.worker().healthPort()).isEqualTo(8081);
        assertThat(config.worker().metricsEvery()).isEqualTo(Duration.ofSeconds(30));
        PostgresCluster main = config.cluster("main").orElseThrow();
        assertThat(main.dataDirectory()).isEqualTo(folder.resolve("data"));
        assertThat(main.port()).isEqualTo(5433);
        assertThat(main.smokeTests())
                .containsExactly(
                        new SmokeTest("newest order is recent", "select count(*) from orders", 1L, null),
                        new SmokeTest("revision", "select 1", null, "7f3a"));
        assertThat(main.markerInterval()).isEqualTo(Duration.ofSeconds(5));
        assertThat(main.spoolDirectory()).isEqualTo(Path.of("/big/spool"));
    }

    /** Found by the fuzz test, or looked for because of what it found. */
    @ParameterizedTest
    @CsvSource(
            delimiterString = "=>",
            value = {
                "5433 => 99999 => must be a port between 1 and 65535",
                "10.0.0.5:7233 => 10.0.0.5:99999 => temporal.address' must be host:port",
                "http://127.0.0.1:9000 => http://127.0.0.1:99999 => bucket.endpoint' must be http://HOST:PORT",
                "PT5S => P99999999D => must not be longer than P36500D",
                "PT5S => s3://key:secret@host => must be a duration such as PT1H, PT90S or P30D, not"
            })
    void whatCannotBeUsedIsRefusedWhileItIsRead(String good, String bad, String words) {
        assertThatThrownBy(() -> read(WHOLE.replace(good, bad)))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(words)
                .hasMessageNotContaining("secret@");
    }

    @Test
    void aFileInWhichNothingIsRightIsNotRepeatedAsAWhole() {
        String many = "key%d: 1\n"
                .repeat(1_000)
                .formatted(java.util.stream.IntStream.range(0, 1_000).boxed().toArray());

        assertThatThrownBy(() -> read(SMALLEST + many))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("it has 1000 problems")
                .hasMessageEndingWith("and 980 more");
    }

    @Test
    void whatIsLeftOutHasTheDefaultOfTheDocumentation() throws IOException {
        LifeboatConfig config = read(SMALLEST);

        assertThat(config.temporal())
                .isEqualTo(new LifeboatConfig.Temporal("127.0.0.1:7233", "default", null, null, true));
        assertThat(config.bucket()).isEqualTo(new LifeboatConfig.Bucket("backups", "", null, "us-east-1", null, null));
        assertThat(config.cluster("main")).hasValueSatisfying(main -> {
            assertThat(main.host()).isEqualTo("127.0.0.1");
            assertThat(main.port()).isEqualTo(5432);
            assertThat(main.user()).isEqualTo("postgres");
            assertThat(main.markerInterval()).isEqualTo(Duration.ofMinutes(1));
            assertThat(main.spoolDirectory()).isNull();
            assertThat(main.objectives()).isNull();
        });
        assertThat(config.cluster("other")).isEmpty();
        assertThat(config.retention())
                .isEqualTo(new Retention(
                        new Generations(2, 30, 8, 12, 3),
                        2,
                        Duration.ofDays(30),
                        Duration.ofDays(7),
                        Duration.ofDays(1)));
    }

    @Test
    void whatRetentionLeavesOutHasItsDefaultEachForItself() throws IOException {
        LifeboatConfig config = read(SMALLEST + "retention: { dumps: { daily: 0 }, grace: PT0S }\n");

        assertThat(config.retention().dumps()).isEqualTo(new Generations(2, 0, 8, 12, 3));
        assertThat(config.retention().baseBackupWindow()).isEqualTo(Duration.ofDays(30));
        assertThat(config.retention().grace()).isZero();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "port: 5433               | prot: 5433           | unknown key 'prot' in postgres.main; the nearest known one is 'port'",
                "bucket:                  | buckte:              | unknown key 'buckte'; the nearest known one is 'bucket'",
                "platform: devplatform    | encryption: {}       | unknown key 'encryption'; the nearest known one is",
                "port: 5433               | port: abc            | 'postgres.main.port' must be a whole number, not 'abc'",
                "port: 5433               | port: 70000          | must be a port between 1 and 65535, not 70000",
                "port: 5433               | port: [1]            | must be one value, not a list",
                "host: 127.0.0.2          | host:                | 'postgres.main.host' has no value",
                "host: 127.0.0.2          | host: yes            | put it in quotes",
                "data-directory: data     | host: localhost      | 'postgres.main.data-directory' is missing",
                "data-directory: data     | port: 5433           | 'postgres.main.port' is given twice",
                "password: env:PGPASSWORD | password: hunter2    | 'postgres.main.password' holds a plain value",
                "password: env:PGPASSWORD | password: 'env:a b'  | 'postgres.main.password' holds a plain value",
                "secret-key: file:keys/s3 | secret-key: hunter2  | 'bucket.secret-key' holds a plain value",
                "secret-key: file:keys/s3 | secret-key: k8s:s/K  | 'bucket.secret-key: k8s:...' is not part of this version yet",
                "stop: \"stop it\"          | kubernetes: api      | 'writers.backend.kubernetes' is not part of this version yet",
                "secret-key: file:keys/s3 | region: x            | access-key and secret-key go together",
                "marker-interval: PT5S    | marker-interval: 5s  | must be a duration such as PT1H, PT90S or P30D, not '5s'",
                "marker-interval: PT5S    | marker-interval: -PT5S | must be a duration",
                "rto: PT30M,              | rto: PT0S,           | must be longer than zero",
                "rto: PT30M,              | rtoo: PT0S,          | 'postgres.main.objectives.rto' is missing",
                "s3://devplatform-backups/some/prefix/ | http://x  | must be s3://BUCKET/",
                "s3://devplatform-backups/some/prefix/ | s3://A:hunter2@x/ | must be s3://BUCKET/",
                "http://127.0.0.1:9000    | http://u:hunter2@h/  | without user or password",
                "10.0.0.5:7233            | 10.0.0.5             | must be host:port",
                "marker-interval: PT5S    | dump-timeout: PT0S   | must be longer than zero",
                "marker-interval: PT5S    | dump-lock-timeout: 0 | must be between PT0.001S and PT24H",
                "marker-interval: PT5S    | dump-role-passwords: yes | must be true or false",
                "sticky-workflows: false  | sticky-workflows: 1  | must be true or false",
                "at-least: 1              | at-least: 1, equals: 2 | needs exactly one of at-least and equals",
                "start: systemctl start postgresql | user: u      | start and stop go together",
                "databases: [dev_platform] | databases: x        | must be a list",
                "~  main:~                | ~  ma/in:~           | is not a usable name",
                "latest: 3, daily: 7      | latest: 1, daily: 7  | 'retention.dumps.latest' must be between 2 and 10000, not 1",
                "latest: 5, window: P14D  | latest: 0            | 'retention.base-backups.latest' must be between 2 and 10000, not 0",
                "daily: 7                 | daily: -1            | 'retention.dumps.daily' must be between 0 and 10000, not -1",
                "daily: 7                 | hourly: 7            | unknown key 'hourly' in retention.dumps; the nearest known one is",
                "window: P14D             | windows: P14D        | unknown key 'windows' in retention.base-backups; the nearest known one is 'window'",
                "beyond-oldest: P2D       | beyond: P2D          | unknown key 'beyond' in retention.wal",
                "grace: PT36H             | grace: a day         | 'retention.grace' must be a duration such as PT1H, PT90S or P30D, not 'a day'",
                "grace: PT36H             | grase: PT36H         | unknown key 'grase' in retention; the nearest known one is 'grace'",
                "region: eu-west-1        | encryption: {}       | 'bucket.encryption.recipients' must name at least one file",
                "region: eu-west-1        | encryption: { recipients: [] } | 'bucket.encryption.recipients' must name at least one file",
                "region: eu-west-1        | encryption: { identity: 'file:k' } | 'bucket.encryption.recipients' must name at least one file",
                "region: eu-west-1        | encryption: { recipients: [a.pub], identity: hunter2 } | 'bucket.encryption.identity'",
                "region: eu-west-1        | encryption: { recipients: [a.pub], key: x } | unknown key 'key'",
                "platform: devplatform    | notifications: {}    | 'notifications' is not part of this version yet",
            })
    void aMistakeIsNamedWithItsPlaceAndNothingSecret(String right, String wrong, String sentence) {
        ConfigException refusal = refusal(WHOLE.replace(right, wrong));

        assertThat(refusal).hasMessageContaining(sentence).hasMessageContaining("line ");
        assertThat(refusal.hint()).isNotBlank();
        assertThat(refusal.getMessage() + refusal.hint()).doesNotContain("hunter2");
    }

    @Test
    void everyProblemIsToldAtOnceInTheOrderOfTheFile() {
        ConfigException refusal = refusal(WHOLE.replace("port: 5433", "port: x")
                .replace("platform: devplatform", "platfrom: devplatform")
                .replace("password: env:PGPASSWORD", "password: hunter2"));

        assertThat(refusal.getMessage())
                .contains("3 problems")
                .containsSubsequence("; line 16: ", "; line 18: ")
                .containsSubsequence("line 1: ", "line 16: ")
                .doesNotContain("\n");
    }

    @Test
    void aKeyOfALaterVersionHasItsOwnCode() {
        assertThat(refusal(SMALLEST + "notifications: {}\n").code()).isEqualTo("NOT_AVAILABLE_YET");
        assertThat(refusal(SMALLEST + "nonsense: 1\n").code()).isEqualTo("BAD_CONFIGURATION");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "~~                        | it is empty",
                "~# only a comment~       | it is empty",
                "~- a list~                | must be a list of 'key: value' lines",
                "just words                | must be a list of 'key: value' lines",
                "~a: [1, 2~                | it is not YAML: line 1",
                "~password: *hunter2~      | begins with * needs quotes",
            })
    void aFileThatIsNoConfigurationIsRefusedWithASentence(String text, String sentence) {
        assertThat(refusal(text)).hasMessageContaining(sentence).hasMessageNotContaining("hunter2");
    }

    @Test
    void aFileThatCannotBeReadIsRefusedWithASentence() throws IOException {
        Path binary = Files.write(folder.resolve("binary"), new byte[] {(byte) 0xff, 0, 1});

        assertThatThrownBy(() -> ConfigReader.read(folder.resolve("absent"))).hasMessageContaining("no such file");
        assertThatThrownBy(() -> ConfigReader.read(folder)).hasMessageContaining("it is a folder");
        assertThatThrownBy(() -> ConfigReader.read(binary)).hasMessageContaining("not UTF-8");
    }

    @Test
    void aDamagedFileNeverEndsInAnythingButAConfigException() throws IOException {
        Random random = new Random(4711);
        for (int round = 0; round < 1_000; round++) {
            StringBuilder text = new StringBuilder(WHOLE);
            for (int change = random.nextInt(4); change >= 0; change--) {
                int at = random.nextInt(text.length());
                switch (random.nextInt(3)) {
                    case 0 -> text.deleteCharAt(at);
                    case 1 -> text.insert(at, "{}[]:,&*!|>'\"%@`#-?\n\t\0é 0".charAt(random.nextInt(25)));
                    default -> text.setLength(at + 9);
                }
            }
            try {
                read(text.toString());
            } catch (ConfigException expected) {
                assertThat(expected.getMessage()).isNotBlank();
            }
        }
    }

    @Test
    void theNamedFileComesBeforeTheWorkingFolderAndThatBeforeTheVariable() throws IOException {
        Path here = Files.createDirectory(folder.resolve("here"));
        Path elsewhere = Files.writeString(folder.resolve("elsewhere.yaml"), SMALLEST);
        Map<String, String> variable = Map.of("LIFEBOAT_CONFIG", elsewhere.toString());

        assertThat(ConfigReader.locate(null, variable, here)).isEqualTo(elsewhere);
        Path local = Files.writeString(here.resolve("lifeboat.yaml"), SMALLEST);
        assertThat(ConfigReader.locate(null, variable, here)).isEqualTo(local);
        assertThat(ConfigReader.locate("../elsewhere.yaml", Map.of(), here)).isEqualTo(elsewhere);
        assertThatThrownBy(() -> ConfigReader.locate("no.yaml", variable, here)).hasMessageContaining("no.yaml");
        assertThatThrownBy(() -> ConfigReader.locate(null, Map.of(), folder)).hasMessageContaining("LIFEBOAT_CONFIG");
    }

    private LifeboatConfig read(String text) throws IOException {
        return ConfigReader.read(Files.writeString(folder.resolve("lifeboat.yaml"), text));
    }

    private ConfigException refusal(String text) {
        return catchThrowableOfType(ConfigException.class, () -> read(text));
    }
}
