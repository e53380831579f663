package dev.lifeboat.activities.postgres;

import dev.lifeboat.activities.store.Transcript;
import dev.lifeboat.config.LifeboatConfig.SmokeTest;
import dev.lifeboat.workflows.contract.evidence.Check;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The configured SQL, asked of a restored database in a transaction that its caller began and takes back. */
final class VerificationSmokeTests {

    private final List<SmokeTest> tests;

    VerificationSmokeTests(List<SmokeTest> tests) {
        this.tests = tests;
    }

    /** Also one that could not be run is an answer: it failed. */
    List<Check> run(Connection connection, Watch watch) throws SQLException {
        List<Check> checks = new ArrayList<>();
        for (SmokeTest test : tests) {
            watch.check();
            Savepoint before = connection.setSavepoint();
            checks.add(run(connection, test));
            connection.rollback(before);
        }
        return checks;
    }

    private static Check run(Connection connection, SmokeTest test) {
        try {
            return SmokeTestEvaluation.evaluate(test, ask(connection, test.sql()));
        } catch (SQLException e) {
            Transcript.quote(test.sql(), String.valueOf(e.getMessage()));
            return SmokeTestEvaluation.failed(test, LiveServer.firstLine(String.valueOf(e.getMessage())));
        }
    }

    private static @Nullable String ask(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            String answer = row.next() ? row.getString(1) : null;
            Transcript.quote(sql, answer == null ? "nothing" : answer);
            return answer;
        }
    }
}
