package dev.lifeboat.config;

import dev.lifeboat.config.LifeboatConfig.Bucket;
import dev.lifeboat.config.LifeboatConfig.PostgresCluster;
import dev.lifeboat.config.LifeboatConfig.Temporal;
import dev.lifeboat.config.LifeboatConfig.Tls;
import dev.lifeboat.config.LifeboatConfig.Worker;
import dev.lifeboat.config.LifeboatConfig.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads {@code lifeboat.yaml}, and says everything that is wrong with it at once. Resolves no secret. */
public final class ConfigReader {

    private static final Pattern ADDRESS = Pattern.compile("(\\[[0-9a-fA-F:.]+]|[^\\s:/@]+):[0-9]{1,5}");
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_-]{0,62}");
    private static final Duration METRICS_EVERY = Duration.ofMinutes(1);
    private static final String FILE_NAME = "lifeboat.yaml";

    private ConfigReader() {}

    /**
     * Where the configuration is: as named, else {@code lifeboat.yaml} in the working folder, else what the variable
     * {@code LIFEBOAT_CONFIG} names.
     *
     * @throws ConfigException when there is none
     */
    public static Path locate(@Nullable String named, Map<String, String> environment, Path workingFolder) {
        if (named != null) {
            return existing(workingFolder.resolve(named), "--config");
        }
        Path here = workingFolder.resolve(FILE_NAME);
        if (Files.exists(here)) {
            return here.toAbsolutePath().normalize();
        }
        String variable = environment.getOrDefault("LIFEBOAT_CONFIG", "");
        if (!variable.isBlank()) {
            return existing(workingFolder.resolve(variable), "LIFEBOAT_CONFIG");
        }
        throw new ConfigException(
                ConfigException.ABSENT,
                "there is no configuration: no " + FILE_NAME + " in "
                        + workingFolder.toAbsolutePath().normalize() + ", and LIFEBOAT_CONFIG is not set",
                "name it with '--config F'; './lifeboat lab up' writes one to try things with");
    }

    private static Path existing(Path file, String namedBy) {
        if (!Files.exists(file)) {
            throw new ConfigException(
                    "there is no file " + file.toAbsolutePath().normalize() + ", which " + namedBy + " names",
                    "check the path; './lifeboat lab up' writes a configuration to try things with");
        }
        return file.toAbsolutePath().normalize();
    }

    /**
     * Reads it without a catalogue of runbooks beside it: what is scheduled is for those to check who start it.
     *
     * @throws ConfigException with every problem of the file
     */
    public static LifeboatConfig read(Path file) {
        return readWith(file, null);
    }

    /**
     * @param catalog what may be scheduled; asked for only where something is
     * @throws ConfigException with every problem of the file
     */
    public static LifeboatConfig read(Path file, Supplier<RunbookCatalog> catalog) {
        return readWith(file, catalog);
    }

    private static LifeboatConfig readWith(Path file, @Nullable Supplier<RunbookCatalog> catalog) {
        Path absolute = file.toAbsolutePath().normalize();
        Path parent = absolute.getParent();
        Path base = parent == null ? absolute : parent;
        Problems problems = new Problems(absolute.toString());
        Section root = new Section("", YamlFile.read(absolute), base, problems)
                .allows(
                        List.of(
                                "platform",
                                "temporal",
                                "bucket",
                                "postgres",
                                "writers",
                                "worker",
                                "retention",
                                "schedules"),
                        List.of("notifications", "kubernetes", "redis", "roles"));
        Map<String, PostgresCluster> clusters = clusters(root);
        LifeboatConfig config = new LifeboatConfig(
                absolute,
                root.text("platform", "lifeboat"),
                temporal(root),
                bucket(root),
                clusters,
                writers(root),
                RetentionSection.read(root.section("retention")),
                ScheduleSection.read(root.sections("schedules"), clusters.keySet(), catalog),
                worker(root));
        problems.throwIfAny();
        return config;
    }

    private static Temporal temporal(Section root) {
        Optional<Section> section = root.section("temporal");
        if (section.isEmpty()) {
            return new Temporal("127.0.0.1:7233", "default", null, null, true);
        }
        Section temporal =
                section.get().allows(List.of("address", "namespace", "tls", "api-key", "sticky-workflows"), List.of());
        String address = temporal.text("address", "127.0.0.1:7233");
        if (!address.isEmpty() && !isAddress(address)) {
            temporal.problem("address", "must be host:port, for example 127.0.0.1:7233");
        }
        return new Temporal(
                address,
                temporal.text("namespace", "default"),
                temporal.secret("api-key"),
                temporal.section("tls").map(ConfigReader::tls).orElse(null),
                temporal.flag("sticky-workflows", true));
    }

    private static boolean isAddress(String address) {
        return ADDRESS.matcher(address).matches()
                && isPort(Integer.parseInt(address.substring(address.lastIndexOf(':') + 1)));
    }

    static boolean isPort(int number) {
        return number >= 1 && number <= 65535;
    }

    private static Tls tls(Section tls) {
        tls.allows(List.of("server-ca-cert-path", "server-name", "client-cert-path", "client-key-path"), List.of());
        if (tls.has("client-cert-path") != tls.has("client-key-path")) {
            tls.problem(
                    tls.has("client-cert-path") ? "client-cert-path" : "client-key-path",
                    "needs its other half: certificate and key go together");
        }
        return new Tls(
                tls.file("server-ca-cert-path"),
                tls.optional("server-name"),
                tls.file("client-cert-path"),
                tls.file("client-key-path"));
    }

    private static Bucket bucket(Section root) {
        Optional<Section> section = root.section("bucket");
        if (section.isEmpty()) {
            if (!root.has("bucket")) {
                root.required("bucket");
            }
            return new Bucket("", "", null, "", null, null);
        }
        return BucketSection.read(section.get());
    }

    private static Map<String, PostgresCluster> clusters(Section root) {
        if (!root.has("postgres")) {
            root.required("postgres");
        }
        Map<String, PostgresCluster> clusters = new LinkedHashMap<>();
        root.section("postgres").ifPresent(postgres -> {
            postgres.members().forEach((name, cluster) -> {
                checkName(postgres, name);
                clusters.put(name, ClusterSection.read(name, cluster));
            });
            if (clusters.isEmpty()) {
                root.problem("postgres", "names no cluster");
            }
        });
        return java.util.Collections.unmodifiableMap(clusters);
    }

    private static Map<String, Writer> writers(Section root) {
        Map<String, Writer> writers = new LinkedHashMap<>();
        root.section("writers").ifPresent(section -> section.members().forEach((name, writer) -> {
            checkName(section, name);
            writer.allows(List.of("stop", "start", "proof"), List.of("k8s", "kubernetes", "deployment", "namespace"));
            writers.put(
                    name,
                    new Writer(name, writer.required("stop"), writer.required("start"), writer.optional("proof")));
        }));
        return java.util.Collections.unmodifiableMap(writers);
    }

    private static void checkName(Section section, String name) {
        if (!NAME.matcher(name).matches()) {
            section.problem(name, "is not a usable name: letters, digits, - and _ only, at most 63 of them");
        }
    }

    private static Worker worker(Section root) {
        return root.section("worker")
                .map(section -> section.allows(List.of("health-port", "metrics-every"), List.of()))
                .map(section ->
                        new Worker(section.port("health-port"), section.duration("metrics-every", METRICS_EVERY)))
                .orElse(new Worker(null, METRICS_EVERY));
    }
}
