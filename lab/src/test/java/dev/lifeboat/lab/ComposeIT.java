package dev.lifeboat.lab;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lifeboat.lab.engine.Programs;
import dev.lifeboat.lab.engine.Programs.Result;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What Docker's own tool says of the compose file. Without a Docker engine nothing in it can be started here. */
@Tag("any-engine")
class ComposeIT {

    private static final Path TOOL = Path.of("/usr/bin/docker-compose");
    private static final Path FILE = Checkout.find().root().resolve("docker-compose.temporal.yml");
    private static final Map<String, String> FILLED_IN = Map.of(
            "TEMPORAL_POSTGRES_PASSWORD", "one",
            "BACKUP_S3_ACCESS_KEY", "two",
            "BACKUP_S3_SECRET_KEY", "three",
            "SHOP_POSTGRES_PASSWORD", "four");

    @Test
    void dockerComposeAcceptsTheFileAndRefusesItWithoutPasswords() {
        if (!Files.isExecutable(TOOL)) {
            System.out.println("ComposeIT: docker-compose.temporal.yml was not shown to docker-compose, which is not"
                    + " installed here (apt-get install docker-compose)");
            return;
        }

        Result filledIn = config(FILLED_IN);
        Result empty = config(Map.of());

        assertThat(filledIn.exitCode()).as(filledIn.errors()).isZero();
        assertThat(filledIn.output()).contains("database-host:", "temporal-ui:", "condition: service_healthy");
        assertThat(empty.exitCode()).isNotZero();
        assertThat(empty.errors()).contains("docker/example.env");
    }

    private static Result config(Map<String, String> environment) {
        return Programs.run(
                System.getProperty("user.name"),
                List.of(TOOL.toString(), "-f", FILE.toString(), "config"),
                environment,
                Duration.ofMinutes(3));
    }
}
