package dev.lifeboat.lab;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lifeboat.lab.engine.Folders;
import dev.lifeboat.lab.engine.Ports;
import dev.lifeboat.lab.engine.ServersBelow;
import dev.lifeboat.lab.load.Rows;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** One recovery beside the live cluster, while the writers go on; its copy goes when it is closed. */
final class RecoveryBeside implements AutoCloseable {

    private final World world;
    private final Instant moment;
    private final Path copy;
    private final int port = Ports.free();

    private RecoveryBeside(World world, Instant moment, Path copy) {
        this.world = world;
        this.moment = moment;
        this.copy = copy;
    }

    /** Starts it and does not follow it. */
    static RecoveryBeside start(World world, Instant moment, Path copy, String... more) {
        RecoveryBeside recovery = new RecoveryBeside(world, moment, copy);
        List<String> words = new ArrayList<>(List.of("start", "pitr-recovery", "--cluster", Lab.CLUSTER));
        words.addAll(List.of("--target", moment.toString(), "--into", copy.toString()));
        words.addAll(List.of("--port", Integer.toString(recovery.port), "--yes", "--detach"));
        words.addAll(List.of(more));
        world.succeeds(words.toArray(String[]::new));
        return recovery;
    }

    String run() {
        return "pitr-recovery/main/into-" + port;
    }

    /** Where the run keeps what it needs on the way. */
    Path workspace() {
        return copy.resolveSibling(copy.getFileName() + ".lifeboat");
    }

    /** What the copy's server has said so far, over all its starts. */
    String serverLog() {
        StringBuilder said = new StringBuilder();
        Path logs = workspace().resolve("log");
        if (!Files.isDirectory(logs)) {
            return "";
        }
        try (Stream<Path> files = Files.list(logs)) {
            for (Path file : files.sorted().toList()) {
                said.append(Files.readString(file));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return said.toString();
    }

    /** Whether the copy left recovery and became a cluster of its own. */
    boolean isPromoted() {
        return serverLog().contains("archive recovery complete")
                || Files.exists(workspace().resolve("promoted.note"));
    }

    /** Answers for the failed step. */
    void retry(String reason) {
        world.succeeds("retry", run(), "--reason", reason);
    }

    /** The report of the run, which must have recovered to exactly the asked moment: point and every row. */
    JsonNode awaitSameData(TemporalEye eye) {
        eye.awaitEnd(run(), Duration.ofMinutes(5));
        JsonNode report =
                World.json(world.succeeds("report", run(), "-o", "json").output());
        World.assertPassed(report);
        JsonNode point = report.path("recoveryPoint");
        assertThat(Instant.parse(point.path("lastCommitAt").asText()))
                .as("last commit in")
                .isBeforeOrEqualTo(moment);
        assertThat(Instant.parse(point.path("nextCommitAt").asText()))
                .as("first commit left out")
                .isAfter(moment);
        assertThat(world.rowsAt(port)
                        .compare(world.ledger().until(moment), world.ledger().inDoubt()))
                .matches(Rows.Difference::isNone);
        return report;
    }

    @Override
    public void close() {
        ServersBelow.end(copy);
        Folders.remove(copy);
        Folders.remove(workspace());
    }
}
