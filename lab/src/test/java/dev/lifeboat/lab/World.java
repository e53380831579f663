package dev.lifeboat.lab;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lifeboat.lab.engine.LabPostgres;
import dev.lifeboat.lab.load.Ledger;
import dev.lifeboat.lab.load.LoadWriters;
import dev.lifeboat.lab.load.Rows;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.awaitility.Awaitility;

/** A lab with writers, WAL archiving and one base backup, and the ways in which tests use it. One for each test class. */
final class World implements AutoCloseable {

    static final List<String> VERDICTS = List.of("executed", "verified", "rto", "rpo", "clean");

    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Lab lab;
    private final LoadWriters load;

    private World(Lab lab, LoadWriters load) {
        this.lab = lab;
        this.load = load;
    }

    static World start() {
        return start(UnaryOperator.identity());
    }

    static World start(UnaryOperator<Lab.Builder> change) {
        return start(change, "select 1");
    }

    /** @param filling what to put into the database before anything is archived or backed up */
    static World start(UnaryOperator<Lab.Builder> change, String filling) {
        Lab lab = change.apply(Lab.builder()).start();
        try {
            lab.postgres().execute(filling);
            LoadWriters load = LoadWriters.start(lab.postgres(), 3, Duration.ofMillis(15));
            lab.setUpArchiving();
            World world = new World(lab, load);
            world.succeeds("start", "base-backup", "--cluster", Lab.CLUSTER);
            load.await(100, LIMIT);
            return world;
        } catch (RuntimeException | Error e) {
            lab.close();
            throw e;
        }
    }

    Lab lab() {
        return lab;
    }

    LabPostgres postgres() {
        return lab.postgres();
    }

    LoadWriters load() {
        return load;
    }

    Ledger ledger() {
        return load.ledger();
    }

    /** A command that must exit with 0. */
    Cli.Result succeeds(String... words) {
        Cli.Result result = lab.cli().run(words);
        assertThat(result.exitCode())
                .as("lifeboat %s: %s%n%s", String.join(" ", words), result, workerTail())
                .isZero();
        return result;
    }

    /** Starts a recovery, follows it to its end and returns its report; all five verdicts must pass. */
    JsonNode recover(String... inputs) {
        List<String> words = new ArrayList<>(List.of("start", "pitr-recovery", "--cluster", Lab.CLUSTER, "--yes"));
        words.addAll(Arrays.asList(inputs));
        words.addAll(List.of("-o", "json"));
        JsonNode report = json(succeeds(words.toArray(String[]::new)).output());
        assertPassed(report);
        return report;
    }

    static void assertPassed(JsonNode report) {
        for (String verdict : VERDICTS) {
            assertThat(report.path("verdicts").path(verdict).asText())
                    .as("verdict %s of %s", verdict, report.toPrettyString())
                    .isEqualTo("pass");
        }
    }

    static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (IOException e) {
            throw new UncheckedIOException("this is not JSON: " + text, e);
        }
    }

    /**
     * Lets the writers commit some more and returns a moment between two of their commits, which lies in the past. They
     * rest around it: a commit may come into WAL milliseconds after its own time, behind one of a later time.
     */
    Instant goodMoment() {
        load.await(60, LIMIT);
        load.pause();
        // As exact as PostgreSQL's own times.
        Instant moment = Instant.now().truncatedTo(ChronoUnit.MICROS);
        load.goOn();
        load.await(20, LIMIT);
        return moment;
    }

    /**
     * Fills so many segments of WAL while the writers write, and waits until they are in the bucket.
     *
     * @return their names, in order
     */
    List<String> archiveSegments(int number) {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < number; i++) {
            names.add(switchSegment());
        }
        List<String> distinct = names.stream().distinct().toList();
        assertThat(distinct).as("segments that were switched").hasSize(number);
        awaitArchived(distinct.get(number - 1));
        return distinct;
    }

    /** Ends the segment that is being written, and returns its name. */
    String switchSegment() {
        postgres().execute("select pg_logical_emit_message(true, 'test', 'one more segment')");
        return postgres().switchWal();
    }

    void awaitArchived(String segment) {
        Awaitility.await("archiving of " + segment)
                .atMost(Duration.ofMinutes(6))
                .until(() -> postgres().hasArchived(segment));
    }

    void assertRowsAt(Instant time) {
        try (Connection connection = postgres().connect()) {
            assertThat(Rows.read(connection).compare(ledger().until(time), ledger().inDoubt()))
                    .matches(Rows.Difference::isNone);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    /** The rows of a recovered copy that runs beside, on this port. */
    Rows rowsAt(int port) {
        String url = "jdbc:postgresql://127.0.0.1:" + port + "/" + postgres().database();
        try (Connection connection =
                DriverManager.getConnection(url, postgres().user(), postgres().password())) {
            return Rows.read(connection);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    /** A folder that does not exist yet, whose parent the server's user owns. */
    Path newCopy(String name) {
        return postgres().root().resolve(name);
    }

    String workerTail() {
        try {
            List<String> lines = java.nio.file.Files.readAllLines(lab.worker().log());
            return String.join("\n", lines.subList(Math.max(0, lines.size() - 30), lines.size()));
        } catch (IOException e) {
            return "";
        }
    }

    @Override
    public void close() {
        load.close();
        lab.close();
    }
}
