package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lifeboat.config.LifeboatConfig.PostgresCluster;
import dev.lifeboat.lab.engine.LabPostgres;
import dev.lifeboat.lab.engine.Ports;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** A hot standby of a server of the lab, made by {@code pg_basebackup} as a DBA would, below the primary's own folder. */
final class FollowingServer implements AutoCloseable {

    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final LabPostgres primary;
    private final ServerUser user;
    final String name;
    final Path data;
    final int port = Ports.free();

    /** @param slot to stream by; empty for none */
    FollowingServer(LabPostgres primary, String name, String slot) throws IOException {
        this.primary = primary;
        this.name = name;
        this.user = new ServerUser(primary.config().runAs());
        Path folder = Files.createDirectories(primary.root().resolve("standbys"));
        user.own(folder);
        this.data = folder.resolve(name);
        List<String> arguments = new ArrayList<>(List.of("-D", data.toString(), "-R", "-c", "fast", "-d", conninfo()));
        if (!slot.isEmpty()) {
            arguments.addAll(List.of("-C", "-S", slot));
        }
        program("pg_basebackup", arguments.toArray(String[]::new));
        start();
    }

    void start() {
        try {
            program(
                    "pg_ctl",
                    "start",
                    "-w",
                    "-t",
                    "60",
                    "-D",
                    data.toString(),
                    "-l",
                    log().toString(),
                    "-o",
                    "-p %d -c archive_mode=off".formatted(port));
        } catch (RecoveryFailure e) {
            throw new AssertionError(e.getMessage() + "\n" + logged(), e);
        }
    }

    /** As a DBA brings a standby back that was beyond the fork. */
    void rewind() {
        program("pg_ctl", "stop", "-w", "-m", "fast", "-D", data.toString());
        program("pg_rewind", "-R", "-D", data.toString(), "--source-server", conninfo());
        start();
    }

    String query(String sql) {
        String url = "jdbc:postgresql://127.0.0.1:%d/%s".formatted(port, primary.database());
        try (Connection connection = DriverManager.getConnection(url, primary.user(), primary.password());
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return String.valueOf(row.getString(1));
        } catch (SQLException e) {
            return "no answer: " + e.getMessage();
        }
    }

    void awaitAnswer(String sql, String answer) {
        await(name + " answers " + answer).atMost(LIMIT).until(() -> query(sql).equals(answer));
    }

    void awaitLogged(String words) {
        await().atMost(LIMIT).untilAsserted(() -> assertThat(logged()).contains(words));
    }

    private String logged() {
        try {
            return Files.readString(log());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What {@code lifeboat.yaml} says where somebody took it for the primary. */
    PostgresCluster config() {
        PostgresCluster of = primary.config();
        return new PostgresCluster(
                of.name(),
                data,
                of.binDirectory(),
                null,
                of.runAs(),
                of.host(),
                port,
                of.user(),
                of.password(),
                of.database(),
                of.databases(),
                null,
                null,
                of.smokeTests(),
                of.objectives(),
                of.markerInterval());
    }

    @Override
    public void close() {
        if (Files.exists(data.resolve("postmaster.pid"))) {
            program("pg_ctl", "stop", "-w", "-m", "immediate", "-D", data.toString());
        }
    }

    private String conninfo() {
        return "host=127.0.0.1 port=%d user=%s password=%s dbname=postgres application_name=%s"
                .formatted(primary.port(), primary.user(), primary.password(), name);
    }

    private Path log() {
        return data.resolveSibling(name + ".log");
    }

    private void program(String program, String... arguments) {
        Commands.require(
                user,
                Stream.concat(Stream.of(primary.binDirectory().resolve(program).toString()), Stream.of(arguments))
                        .toList(),
                Map.of(),
                LIMIT.multipliedBy(2));
    }
}
