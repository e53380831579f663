package dev.lifeboat.worker;

import dev.lifeboat.config.ConfigException;
import dev.lifeboat.config.LifeboatConfig;
import dev.lifeboat.config.LifeboatConfig.PostgresCluster;
import dev.lifeboat.config.SecretRef;
import dev.lifeboat.worker.WorkerArguments.Role;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What can be known to be wrong before anything is started: names, programs, secrets. */
final class Preflight {

    private static final List<String> PROGRAMS =
            List.of("postgres", "pg_ctl", "pg_controldata", "pg_basebackup", "psql", "initdb");

    private Preflight() {}

    /** @throws ConfigException with the first thing that this worker could not work with */
    static void check(LifeboatConfig config, WorkerArguments arguments, Map<String, String> environment) {
        resolve(config.temporal().apiKey(), environment);
        if (arguments.has(Role.PLATFORM) || arguments.has(Role.POSTGRES)) {
            resolve(config.bucket().accessKey(), environment);
            resolve(config.bucket().secretKey(), environment);
        }
        for (String name : arguments.clusters()) {
            if (config.cluster(name).isEmpty()) {
                throw new ConfigException(
                        "--cluster names '%s', but %s has %s".formatted(name, config.file(), known(config)),
                        "check the name, or add the cluster below postgres: in that file");
            }
        }
        if (arguments.has(Role.POSTGRES)) {
            served(config, arguments).forEach(cluster -> check(cluster, environment));
        }
    }

    /** The clusters whose postgres role this process has. */
    static List<PostgresCluster> served(LifeboatConfig config, WorkerArguments arguments) {
        if (!arguments.has(Role.POSTGRES)) {
            return List.of();
        }
        return config.postgres().values().stream()
                .filter(cluster ->
                        arguments.clusters().isEmpty() || arguments.clusters().contains(cluster.name()))
                .toList();
    }

    private static void check(PostgresCluster cluster, Map<String, String> environment) {
        for (String program : PROGRAMS) {
            Path binary = cluster.binary(program);
            if (!Files.isExecutable(binary)) {
                throw new ConfigException(
                        "postgres.%s needs the program %s, and there is none".formatted(cluster.name(), binary),
                        "set bin-directory to the folder of this cluster's PostgreSQL programs, or install them");
            }
        }
        checkUser(cluster);
        checkConfigFile(cluster, Path.of("/etc/postgresql"));
        resolve(cluster.password(), environment);
    }

    /**
     * On Debian the configuration lies below {@code etc}, in a folder named as the data directory is. A worker that does
     * not know it could neither close the live cluster nor start it.
     */
    static void checkConfigFile(PostgresCluster cluster, Path etc) {
        Path data = cluster.dataDirectory();
        Path version = data.resolveSibling("").getFileName();
        if (cluster.configFile() != null || version == null || Files.exists(data.resolve("postgresql.conf"))) {
            return;
        }
        Path file = etc.resolve(version.toString())
                .resolve(data.getFileName().toString())
                .resolve("postgresql.conf");
        if (Files.exists(file)) {
            throw new ConfigException(
                    "postgres.%s has no config-file, and %s holds no postgresql.conf".formatted(cluster.name(), data),
                    "add 'config-file: " + file + "'");
        }
    }

    private static void checkUser(PostgresCluster cluster) {
        String current = System.getProperty("user.name");
        String runAs = cluster.runAs();
        if (runAs == null && current.equals("root")) {
            throw new ConfigException(
                    "postgres.%s has no run-as, and the worker is root, as whom PostgreSQL refuses to run"
                            .formatted(cluster.name()),
                    "set run-as to the owner of the data directory, for example 'run-as: postgres'");
        }
        if (runAs != null && !runAs.equals(current) && !current.equals("root")) {
            throw new ConfigException(
                    "postgres.%s is to run as %s, but the worker is %s, who may not become another user"
                            .formatted(cluster.name(), runAs, current),
                    "start the worker as " + runAs + " or as root");
        }
    }

    private static void resolve(@Nullable SecretRef secret, Map<String, String> environment) {
        if (secret != null) {
            secret.resolve(environment);
        }
    }

    private static String known(LifeboatConfig config) {
        return config.postgres().isEmpty()
                ? "no clusters"
                : "only " + String.join(", ", config.postgres().keySet());
    }
}
