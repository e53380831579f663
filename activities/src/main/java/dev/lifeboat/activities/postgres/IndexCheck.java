package dev.lifeboat.activities.postgres;

import dev.lifeboat.activities.store.Transcript;
import dev.lifeboat.config.SecretRef;
import dev.lifeboat.workflows.contract.evidence.Check;
import dev.lifeboat.workflows.contract.evidence.Finding;
import dev.lifeboat.workflows.contract.postgres.PostgresRecoveryActivities.RecoveryOrder;
import dev.lifeboat.workflows.contract.postgres.StepOutcome;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** {@code pg_amcheck} of the configured database after it is open again. Whatever it says is a finding, never a failure. */
final class IndexCheck {

    private static final Duration LIMIT = Duration.ofHours(6);

    private final LiveContext context;

    IndexCheck(LiveContext context) {
        this.context = context;
    }

    /** Installs the extension for the time of the check where it is not there. */
    StepOutcome run(RecoveryOrder order) {
        context.mayChange(order);
        String database = context.cluster().database();
        try (Connection connection = new LiveDatabase(context).connect()) {
            boolean wasThere = hasExtension(connection);
            Commands.Result result;
            try {
                if (!wasThere) {
                    execute(connection, "create extension if not exists amcheck");
                }
                result = check(database);
            } finally {
                if (!wasThere) {
                    execute(connection, "drop extension if exists amcheck");
                }
            }
            return judge(database, result);
        } catch (SQLException e) {
            return notChecked(database, LiveServer.firstLine(String.valueOf(e.getMessage())));
        }
    }

    private StepOutcome judge(String database, Commands.Result result) {
        String said = (result.output() + result.errors()).strip();
        if (result.succeeded()) {
            return context.outcome("tables and indexes of " + database + " are sound")
                    .withChecks(List.of(Check.of("pg_amcheck of " + database, "no complaint", "no complaint", true)));
        }
        if (result.exitCode() != 2) {
            return notChecked(database, LiveServer.firstLine(said));
        }
        return context.outcome("pg_amcheck complains about " + database)
                .withFindings(List.of(new Finding(
                        "high",
                        "pg_amcheck found damage in %s: %s".formatted(database, shortened(said)),
                        "run pg_amcheck by hand; reindex what it names and compare the tables")));
    }

    private StepOutcome notChecked(String database, String why) {
        return context.outcome("indexes were not checked")
                .withFindings(List.of(new Finding(
                        "low",
                        "pg_amcheck could not check %s: %s".formatted(database, why),
                        "run pg_amcheck by hand when there is time")));
    }

    private Commands.Result check(String database) {
        var cluster = context.cluster();
        SecretRef password = cluster.password();
        Map<String, String> environment =
                password == null ? Map.of() : Map.of("PGPASSWORD", password.resolve(context.environment()));
        return Commands.run(
                context.user(),
                List.of(
                        context.binary("pg_amcheck"),
                        "-w",
                        "-h",
                        cluster.host(),
                        "-p",
                        Integer.toString(cluster.port()),
                        "-U",
                        cluster.user(),
                        "-j",
                        "2",
                        "-d",
                        database),
                environment,
                LIMIT);
    }

    private static boolean hasExtension(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select 1 from pg_extension where extname = 'amcheck'")) {
            return row.next();
        }
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
            Transcript.note(sql);
        }
    }

    private static String shortened(String text) {
        return text.length() <= 600 ? text : text.substring(0, 600) + "…";
    }
}
