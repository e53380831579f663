package dev.lifeboat.activities.postgres;

import dev.lifeboat.workflows.contract.evidence.Check;
import dev.lifeboat.workflows.contract.evidence.Verdict;
import dev.lifeboat.workflows.contract.postgres.DumpRestoreActivities.DumpRestoreOrder;
import dev.lifeboat.workflows.contract.postgres.DumpRestorePlan;
import dev.lifeboat.workflows.contract.postgres.DumpRestorePlan.Kind;
import dev.lifeboat.workflows.contract.postgres.StepOutcome;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import dev.lifeboat.workflows.domain.postgres.DatabaseFacts;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Whether a restored database is what its dump held, and whether its owners can work with it. */
final class RestoreChecks {

    private static final Duration MIGRATION = Duration.ofHours(6);

    private final ClusterAccess access;
    private final LiveContext live;

    RestoreChecks(ClusterAccess access, LiveContext live) {
        this.access = access;
        this.live = live;
    }

    StepOutcome compare(DumpRestoreOrder order, Watch watch) throws InterruptedException {
        DumpRestorePlan plan = order.plan();
        DatabaseFacts observed = observe(plan, watch);
        List<Check> checks;
        if (plan.source().choice().kind() != Kind.DUMP) {
            checks = DumpChecks.withoutManifest(observed);
        } else {
            DatabaseFacts expected =
                    access.dumps().read(plan.source().choice().name()).facts();
            checks = plan.tables().isEmpty()
                    ? DumpChecks.compare(expected, observed)
                    : DumpChecks.compareTables(expected, observed, plan.tables());
        }
        return StepOutcome.of(green(checks), access.workerName()).withChecks(checks);
    }

    private DatabaseFacts observe(DumpRestorePlan plan, Watch watch) throws InterruptedException {
        List<Connection> connections = new ArrayList<>();
        try {
            for (int i = 0; i < plan.jobs(); i++) {
                Connection connection = RestoreSession.open(access, plan.restored());
                connections.add(connection);
                connection.setAutoCommit(false);
                connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
                connection.setReadOnly(true);
            }
            return new DatabaseFactsReader(connections, Duration.ZERO, watch).read();
        } catch (SQLException e) {
            throw RestoreSession.failed(access, e);
        } finally {
            connections.forEach(RestoreChecks::close);
        }
    }

    private static void close(Connection connection) {
        try {
            connection.close();
        } catch (SQLException e) {
            // The server notices that nobody is there.
        }
    }

    /** The command finds the database in the variables that every PostgreSQL program reads. */
    StepOutcome migrate(DumpRestoreOrder order) {
        String command = access.cluster().migrate();
        if (command == null) {
            return StepOutcome.leftOut("no migration is configured", access.workerName());
        }
        if (!isConfigured(order.plan())) {
            return StepOutcome.leftOut(
                    "the configured migration is one of " + access.cluster().database(), access.workerName());
        }
        access.leases().check(order.fence());
        Map<String, String> environment = new HashMap<>(access.clientEnvironment());
        environment.put("PGDATABASE", order.plan().restored());
        Commands.Result result =
                Commands.run(new ServerUser(null), ServerCommand.shell(command), environment, MIGRATION);
        if (!result.succeeded()) {
            throw new RecoveryFailure(
                    FailureCode.MIGRATION_FAILED,
                    "the migration of %s exited with %d: %s"
                            .formatted(
                                    order.plan().restored(),
                                    result.exitCode(),
                                    LiveServer.firstLine(result.errors() + result.output())),
                    "run it by hand with PGDATABASE=%s: %s"
                            .formatted(order.plan().restored(), command));
        }
        return StepOutcome.of(command, access.workerName())
                .withChecks(List.of(Check.of("migration", "exits with 0", "0", true)));
    }

    StepOutcome smokeTestCopy(DumpRestoreOrder order) {
        DumpRestorePlan plan = order.plan();
        boolean configured = isConfigured(plan) && plan.tables().isEmpty();
        return new LiveSmokeTests(live).run(access.cluster().port(), plan.restored(), configured);
    }

    StepOutcome smokeTestLive(DumpRestoreOrder order) {
        return new LiveSmokeTests(live)
                .run(access.cluster().port(), order.plan().database());
    }

    /** The configured tests and the migration are about the configured database. */
    private boolean isConfigured(DumpRestorePlan plan) {
        return plan.database().equals(access.cluster().database());
    }

    private static String green(List<Check> checks) {
        long green =
                checks.stream().filter(check -> check.verdict() == Verdict.PASS).count();
        return "%d of %d green".formatted(green, checks.size());
    }
}
