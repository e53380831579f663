package dev.lifeboat.activities.postgres;

import dev.lifeboat.workflows.contract.evidence.Finding;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A recovered cluster starts with the settings of its base backup. Where {@code max_prepared_transactions} was raised
 * since, it may hold more prepared transactions than those settings allow, and the server would refuse to start.
 */
final class PreparedTransactions {

    private static final String SETTING = "max_prepared_transactions";

    private final ServerUser user;
    private final Path data;
    private final List<String> postgres;

    /**
     * @param data     the recovered data directory, in which no server runs
     * @param postgres the command that would start its server
     */
    PreparedTransactions(ServerUser user, Path data, List<String> postgres) {
        this.user = user;
        this.data = data;
        this.postgres = postgres;
    }

    /** Raises the setting where it is too small. */
    Optional<Finding> makeRoom() throws IOException {
        int held = held();
        if (held == 0) {
            return Optional.empty();
        }
        int allowed = allowed();
        if (allowed >= held) {
            return Optional.empty();
        }
        Path file = data.resolve("postgresql.auto.conf");
        String text = Files.exists(file) ? Files.readString(file, StandardCharsets.UTF_8) : "";
        FileTrees.replace(file, ArchiveSetup.edited(text, Map.of(SETTING, Integer.toString(held))), user);
        return Optional.of(new Finding(
                "medium",
                "the cluster holds %d prepared transaction(s), and its base backup's settings allow %d: %s was set to %d"
                        .formatted(held, allowed, SETTING, held),
                "set it as it was before, then restart the server"));
    }

    private int held() throws IOException {
        try (Stream<Path> files = Files.list(data.resolve("pg_twophase"))) {
            return (int) files.count();
        }
    }

    private int allowed() {
        List<String> command = new ArrayList<>(postgres);
        command.addAll(List.of("-C", SETTING));
        return Integer.parseInt(Commands.require(user, command, Map.of(), Duration.ofSeconds(20))
                .strip());
    }
}
