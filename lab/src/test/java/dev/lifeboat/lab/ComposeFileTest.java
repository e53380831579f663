package dev.lifeboat.lab;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lifeboat.config.ConfigReader;
import dev.lifeboat.config.LifeboatConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.Yaml;

/** What can be known of the compose file where no Docker engine is. */
class ComposeFileTest {

    private static final Path ROOT = Checkout.find().root();
    private static final Path FILE = ROOT.resolve("docker-compose.temporal.yml");

    /** They end when they have done their one thing. */
    private static final List<String> ONCE = List.of("temporal-schema", "temporal-namespace", "bucket");

    private final Map<String, Map<String, Object>> services = services();

    @Test
    void everyImageIsPinnedToOneVersion() throws IOException {
        List<String> images = new ArrayList<>();
        services.values().forEach(service -> images.add(String.valueOf(service.get("image"))));
        try (Stream<String> lines = Files.lines(ROOT.resolve("Dockerfile"))) {
            lines.filter(line -> line.startsWith("FROM "))
                    .map(line -> line.split(" ")[1])
                    .forEach(images::add);
        }

        assertThat(images).hasSizeGreaterThanOrEqualTo(10).allSatisfy(image -> assertThat(image)
                .matches("[a-z0-9/.-]+:[A-Za-z0-9._-]*\\d+[._-]\\d+[A-Za-z0-9._-]*"));
    }

    @Test
    void whatStaysUpHasAHealthCheckAndWhatFollowsWaitsForIt() {
        services.forEach((name, service) -> {
            assertThat(service.containsKey("healthcheck")).as(name).isNotEqualTo(ONCE.contains(name));
            waitsFor(service).forEach((other, condition) -> assertThat(condition)
                    .as("%s waits for %s", name, other)
                    .isEqualTo(ONCE.contains(other) ? "service_completed_successfully" : "service_healthy"));
        });
    }

    @Test
    void nothingIsPublishedBeyondThisMachine() {
        services.forEach((name, service) ->
                ports(service).forEach(port -> assertThat(port).as(name).startsWith("127.0.0.1:")));
    }

    @Test
    void everySecretComesFromOutsideAndIsRequired() throws IOException {
        String text = Files.readString(FILE);
        Matcher named = Pattern.compile("(?m)^\\s*\\w*(?:PASSWORD|PWD|SECRET_KEY|ACCESS_KEY|ROOT_USER)\\w*: (.*)$")
                .matcher(text);

        List<String> values = named.results().map(found -> found.group(1)).toList();

        assertThat(values).hasSizeGreaterThan(8).allSatisfy(value -> assertThat(value)
                .matches("\\$\\{[A-Z0-9_]+:\\?see docker/example\\.env}"));
        assertThat(Files.readAllLines(ROOT.resolve("docker/example.env")))
                .filteredOn(line -> line.contains("=") && !line.startsWith("#"))
                .hasSize(4)
                .allSatisfy(
                        line -> assertThat(line).as("an example holds no value").endsWith("="));
    }

    @Test
    void theMountedConfigurationIsOneThatTheWorkerAccepts() {
        LifeboatConfig config = ConfigReader.read(ROOT.resolve("docker/lifeboat.yaml"));

        String place = String.valueOf(
                Objects.requireNonNull(config.postgres().get("main")).dataDirectory());
        assertThat(strings(service("database-host").get("volumes"))).anySatisfy(volume -> assertThat(place)
                .as("the folder above the data directory is on the volume, or no swap could be a rename")
                .isEqualTo(volume.substring(volume.indexOf(':') + 1) + "/main"));
        assertThat(config.temporal().address()).isEqualTo("temporal:7233");
        assertThat(services).containsKeys("temporal", "minio");
    }

    @Test
    void theBaseImagesEntryPointMakesNoClusterBehindOurBack() throws IOException {
        assertThat(Files.readString(ROOT.resolve("Dockerfile"))).contains("ENTRYPOINT []");
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Map<String, Object>> services() {
        try {
            Map<String, Object> file = new Yaml().load(Files.readString(FILE));
            return (Map<String, Map<String, Object>>) Objects.requireNonNull(file.get("services"));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private Map<String, Object> service(String name) {
        return Objects.requireNonNull(services.get(name), name);
    }

    @SuppressWarnings("unchecked")
    private static Map<String, String> waitsFor(Map<String, Object> service) {
        Object found = service.getOrDefault("depends_on", Map.of());
        Map<String, String> conditions = new java.util.TreeMap<>();
        ((Map<String, Map<String, String>>) found)
                .forEach((other, how) -> conditions.put(other, String.valueOf(how.get("condition"))));
        return conditions;
    }

    private static List<String> ports(Map<String, Object> service) {
        return strings(service.getOrDefault("ports", List.of()));
    }

    private static List<String> strings(@Nullable Object list) {
        return ((List<?>) Objects.requireNonNull(list))
                .stream().map(String::valueOf).toList();
    }
}
