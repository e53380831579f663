package dev.lifeboat.activities.postgres;

import dev.lifeboat.activities.store.Transcript;
import dev.lifeboat.config.LifeboatConfig.SmokeTest;
import dev.lifeboat.workflows.contract.evidence.Check;
import dev.lifeboat.workflows.contract.postgres.Placement;
import dev.lifeboat.workflows.contract.postgres.PostgresRecoveryActivities.RecoveryOrder;
import dev.lifeboat.workflows.contract.postgres.StepOutcome;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The configured SQL, run the way an application reaches the database. Read only, each test in its own transaction. */
final class LiveSmokeTests {

    private static final Duration ANSWER = Duration.ofSeconds(120);

    private final LiveContext context;

    LiveSmokeTests(LiveContext context) {
        this.context = context;
    }

    StepOutcome run(RecoveryOrder order) {
        return run(portOf(order), context.cluster().database());
    }

    /** The configured tests are about the configured database; of another one it is asked whether it can be used at all. */
    StepOutcome run(int port, String database) {
        return run(port, database, database.equals(context.cluster().database()));
    }

    StepOutcome run(int port, String database, boolean configured) {
        String address = context.cluster().host() + ":" + port;
        List<Check> checks = new ArrayList<>();
        try (Connection connection = new LiveDatabase(context).connect(database, port, ANSWER)) {
            Transcript.note(
                    "logged in at %s as %s".formatted(address, context.cluster().user()));
            connection.setReadOnly(true);
            checks.add(Check.of("logs in at " + address, "login", "login", true));
            checks.add(writable(connection));
            checks.add(schema(connection));
            for (SmokeTest test : configured ? context.cluster().smokeTests() : List.<SmokeTest>of()) {
                checks.add(run(connection, test));
            }
        } catch (SQLException e) {
            throw new RecoveryFailure(
                    FailureCode.DATABASE_UNREACHABLE,
                    "cannot log in at %s as %s: %s"
                            .formatted(address, context.cluster().user(), e.getMessage()),
                    "see the server's log; it is tried again",
                    e);
        }
        long failed = checks.stream()
                .filter(check -> check.verdict() != dev.lifeboat.workflows.contract.evidence.Verdict.PASS)
                .count();
        return context.outcome("%d of %d green at %s".formatted(checks.size() - failed, checks.size(), address))
                .withChecks(checks);
    }

    private int portOf(RecoveryOrder order) {
        return order.plan().placement() == Placement.INTO
                ? order.plan().directories().port()
                : context.cluster().port();
    }

    private static Check writable(Connection connection) throws SQLException {
        String observed = ask(connection, "select pg_is_in_recovery()");
        return Check.of(
                "accepts writes",
                "not in recovery",
                "f".equals(observed) ? "not in recovery" : "in recovery",
                "f".equals(observed));
    }

    private static Check schema(Connection connection) throws SQLException {
        String tables = ask(
                connection,
                "select count(*) from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relkind in ('r', 'p')"
                        + " and n.nspname not in ('pg_catalog', 'information_schema', 'lifeboat')"
                        + " and n.nspname not like 'pg\\_%'");
        return Check.of("the schema can be read", "tables counted", tables + " user tables", tables != null);
    }

    private static Check run(Connection connection, SmokeTest test) {
        try {
            return SmokeTestEvaluation.evaluate(test, ask(connection, test.sql()));
        } catch (SQLException e) {
            Transcript.quote(test.sql(), String.valueOf(e.getMessage()));
            return SmokeTestEvaluation.failed(test, LiveServer.firstLine(String.valueOf(e.getMessage())));
        }
    }

    private static @org.jspecify.annotations.Nullable String ask(Connection connection, String sql)
            throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            String answer = row.next() ? row.getString(1) : null;
            Transcript.quote(sql, answer == null ? "nothing" : answer);
            return answer;
        }
    }
}
