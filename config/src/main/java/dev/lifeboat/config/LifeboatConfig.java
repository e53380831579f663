package dev.lifeboat.config;

import dev.lifeboat.workflows.domain.Objectives;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * {@code lifeboat.yaml}, read and checked. Paths are absolute; secrets are references that nobody has resolved yet.
 *
 * @param file where it was read from
 */
public record LifeboatConfig(
        Path file,
        String platform,
        Temporal temporal,
        Bucket bucket,
        Map<String, PostgresCluster> postgres,
        Map<String, Writer> writers,
        Retention retention,
        List<Schedule> schedules,
        Worker worker) {

    /**
     * @param stickyWorkflows false for Temporal's in-memory test server, which never gives a dead worker's sticky tasks
     *     to another
     */
    public record Temporal(
            String address, String namespace, @Nullable SecretRef apiKey, @Nullable Tls tls, boolean stickyWorkflows) {}

    /**
     * @param serverCaCert whom to trust; null for the authorities that Java trusts
     * @param serverName   what the server's certificate must be for; null for the address
     * @param clientCert   with its key for mutual TLS; both or neither
     */
    public record Tls(
            @Nullable Path serverCaCert,
            @Nullable String serverName,
            @Nullable Path clientCert,
            @Nullable Path clientKey) {}

    /**
     * @param name   of the bucket
     * @param prefix without slashes at its ends; empty for the whole bucket
     * @param endpoint null for AWS
     */
    public record Bucket(
            String name,
            String prefix,
            @Nullable String endpoint,
            String region,
            @Nullable SecretRef accessKey,
            @Nullable SecretRef secretKey,
            @Nullable Encryption encryption) {

        /** One whose objects are not encrypted. */
        public Bucket(
                String name,
                String prefix,
                @Nullable String endpoint,
                String region,
                @Nullable SecretRef accessKey,
                @Nullable SecretRef secretKey) {
            this(name, prefix, endpoint, region, accessKey, secretKey, null);
        }
    }

    /**
     * @param recipients files with public keys: enough to back up. None where new objects are no longer encrypted, and those
     *                   from before are still read
     * @param identity   the private key, needed to restore; null on a host that only backs up
     */
    public record Encryption(List<Path> recipients, @Nullable SecretRef identity) {}

    /**
     * What retention keeps. Whatever it says, the newest two of a kind, the newest proved one, what is pinned and what is
     * younger than the grace time are kept.
     *
     * @param baseBackupLatest how many of the newest base backups are kept
     * @param baseBackupWindow base backups are kept that are needed to recover to any time within it
     * @param walBeyondOldest  how much WAL is kept before the oldest kept base backup
     * @param grace            nothing younger is deleted
     */
    public record Retention(
            Generations dumps,
            int baseBackupLatest,
            Duration baseBackupWindow,
            Duration walBeyondOldest,
            Duration grace) {}

    /** How many to keep: the newest ones, and one for each of the last days, weeks, months and years that have any. */
    public record Generations(int latest, int daily, int weekly, int monthly, int yearly) {}

    /**
     * A runbook that Temporal starts by itself.
     *
     * @param cron    in UTC, five fields
     * @param jitter  spread over this time
     * @param catchUp a start that was missed is made up for within this time
     * @param inputs  those of the runbook besides the cluster, as typed behind {@code --}
     * @param paused  why it is not to run; null when it runs
     */
    public record Schedule(
            String runbook,
            String cluster,
            String cron,
            Duration jitter,
            Duration catchUp,
            Map<String, String> inputs,
            @Nullable String paused) {

        /** The name of its runs, which is also its id in Temporal. */
        public String id() {
            return runbook + "/" + cluster + (isDrill() ? "/drill" : "");
        }

        boolean isDrill() {
            return "true".equals(inputs.get("drill"));
        }
    }

    /**
     * @param configFile where {@code postgresql.conf} is when it is outside the data directory; else null
     * @param runAs      operating-system user of the server; null when it is the worker's own
     * @param database   where smoke tests run and the marker schema lives
     * @param spoolDirectory where a base backup with additional tablespaces is put down on its way to the bucket; null for
     *     Lifeboat's folder beside the data directory
     * @param markerInterval how often the worker writes its marker transaction; zero switches it off
     * @param dumps      how its databases are dumped
     * @param migrate brings a database that was restored from a dump to the schema that its applications want, for example
     *     {@code alembic upgrade head}; null for none
     */
    public record PostgresCluster(
            String name,
            Path dataDirectory,
            Path binDirectory,
            @Nullable Path configFile,
            @Nullable String runAs,
            String host,
            int port,
            String user,
            @Nullable SecretRef password,
            String database,
            List<String> databases,
            @Nullable String start,
            @Nullable String stop,
            List<SmokeTest> smokeTests,
            @Nullable Objectives objectives,
            Duration markerInterval,
            @Nullable Path spoolDirectory,
            Dumps dumps,
            @Nullable String migrate) {

        public PostgresCluster(
                String name,
                Path dataDirectory,
                Path binDirectory,
                @Nullable Path configFile,
                @Nullable String runAs,
                String host,
                int port,
                String user,
                @Nullable SecretRef password,
                String database,
                List<String> databases,
                @Nullable String start,
                @Nullable String stop,
                List<SmokeTest> smokeTests,
                @Nullable Objectives objectives,
                Duration markerInterval) {
            this(
                    name,
                    dataDirectory,
                    binDirectory,
                    configFile,
                    runAs,
                    host,
                    port,
                    user,
                    password,
                    database,
                    databases,
                    start,
                    stop,
                    smokeTests,
                    objectives,
                    markerInterval,
                    null);
        }

        /** One that is dumped as is usual, without a migration of its own. */
        public PostgresCluster(
                String name,
                Path dataDirectory,
                Path binDirectory,
                @Nullable Path configFile,
                @Nullable String runAs,
                String host,
                int port,
                String user,
                @Nullable SecretRef password,
                String database,
                List<String> databases,
                @Nullable String start,
                @Nullable String stop,
                List<SmokeTest> smokeTests,
                @Nullable Objectives objectives,
                Duration markerInterval,
                @Nullable Path spoolDirectory) {
            this(
                    name,
                    dataDirectory,
                    binDirectory,
                    configFile,
                    runAs,
                    host,
                    port,
                    user,
                    password,
                    database,
                    databases,
                    start,
                    stop,
                    smokeTests,
                    objectives,
                    markerInterval,
                    spoolDirectory,
                    Dumps.USUAL,
                    null);
        }

        public Path binary(String program) {
            return binDirectory.resolve(program);
        }
    }

    /**
     * @param timeout       after which the dump of one database is given up
     * @param lockTimeout   how long one attempt waits for the locks of all its tables
     * @param rolePasswords whether the globals beside a dump hold the roles' password hashes
     */
    public record Dumps(Duration timeout, Duration lockTimeout, boolean rolePasswords) {

        public static final Dumps USUAL = new Dumps(Duration.ofHours(12), Duration.ofMinutes(1), false);
    }

    /** Exactly one of {@code atLeast} and {@code equalTo} is given. */
    public record SmokeTest(String name, String sql, @Nullable Long atLeast, @Nullable String equalTo) {}

    /** Shell commands; {@code proof} exits 0 when the writer is really stopped. */
    public record Writer(String name, String stop, String start, @Nullable String proof) {}

    /**
     * @param healthPort   null for a free one
     * @param metricsEvery how long to wait between two looks at what the metrics tell
     */
    public record Worker(@Nullable Integer healthPort, Duration metricsEvery) {}

    /** The values of all secrets that can be resolved here, to keep them out of what is written; for nothing else. */
    public Set<String> knownSecrets(Map<String, String> environment) {
        Stream<@Nullable SecretRef> references = Stream.concat(
                Stream.of(temporal.apiKey(), bucket.accessKey(), bucket.secretKey(), identity()),
                postgres.values().stream().map(PostgresCluster::password));
        Set<String> values = new HashSet<>();
        references.filter(Objects::nonNull).forEach(reference -> {
            try {
                values.add(reference.resolve(environment));
            } catch (ConfigException e) {
                // What cannot be resolved here cannot be written here.
            }
        });
        return values;
    }

    private @Nullable SecretRef identity() {
        Encryption encryption = bucket.encryption();
        return encryption == null ? null : encryption.identity();
    }

    /** The cluster of this name, if the file has one. */
    public Optional<PostgresCluster> cluster(String name) {
        return Optional.ofNullable(postgres.get(name));
    }
}
