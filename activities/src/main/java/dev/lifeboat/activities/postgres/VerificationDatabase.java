package dev.lifeboat.activities.postgres;

import dev.lifeboat.config.LifeboatConfig.PostgresCluster;
import dev.lifeboat.workflows.contract.evidence.Check;
import dev.lifeboat.workflows.contract.evidence.Finding;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import dev.lifeboat.workflows.domain.postgres.DatabaseFacts;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The restored database in a throw-away server: what it holds, compared with what its dump held. */
final class VerificationDatabase {

    private final PostgresCluster cluster;
    private final DumpManifest manifest;
    private final ThrowawayServer server;
    private final Watch watch;

    VerificationDatabase(PostgresCluster cluster, DumpManifest manifest, ThrowawayServer server, Watch watch) {
        this.cluster = cluster;
        this.manifest = manifest;
        this.server = server;
        this.watch = watch;
    }

    /** A transaction as superuser, which nobody commits: whatever is done in it is gone with it. */
    Connection begin() throws SQLException {
        return uncommitted(server.connect(manifest.database()));
    }

    /** The same as the role that applications and smoke tests use; as superuser where the dump has no such role. */
    Connection beginAsConfigured() throws SQLException {
        return uncommitted(
                hasConfiguredRole()
                        ? server.connect(cluster.user(), manifest.database())
                        : server.connect(manifest.database()));
    }

    private static Connection uncommitted(Connection connection) throws SQLException {
        connection.setAutoCommit(false);
        return connection;
    }

    /** What the dump's manifest says against what is seen in this transaction. */
    List<Check> compare(Connection transaction) throws SQLException, InterruptedException {
        return DumpChecks.compare(manifest.facts(), read(transaction));
    }

    DatabaseFacts read(Connection transaction) throws SQLException, InterruptedException {
        return new DatabaseFactsReader(List.of(transaction), Duration.ZERO, watch).read();
    }

    /** Smoke tests are written for one database. */
    VerificationSmokeTests smokeTests() {
        return new VerificationSmokeTests(isMain() ? cluster.smokeTests() : List.of());
    }

    List<Check> check() throws InterruptedException {
        List<Check> checks = new ArrayList<>();
        try {
            try (Connection transaction = begin()) {
                checks.addAll(compare(transaction));
                transaction.rollback();
            }
            try (Connection transaction = beginAsConfigured()) {
                checks.addAll(smokeTests().run(transaction, watch));
                transaction.rollback();
            }
        } catch (SQLException e) {
            throw failed("look at the restored database " + manifest.database(), e);
        }
        return checks;
    }

    List<Finding> findings() {
        List<Finding> findings = new ArrayList<>();
        if (isMain() && cluster.smokeTests().isEmpty()) {
            findings.add(new Finding(
                    "low",
                    "no sample query was asked of the restored database: no smoke test is configured",
                    "write some below smoke-tests of %s in lifeboat.yaml".formatted(cluster.name())));
        }
        if (!isMain()) {
            findings.add(new Finding(
                    "low",
                    "no sample query was asked of %s: the smoke tests of %s are for its database %s"
                            .formatted(manifest.database(), cluster.name(), cluster.database()),
                    "rows, tables, extensions, sequences and revision were compared"));
        }
        return findings;
    }

    /** When the worker last wrote its marker before the dump's snapshot; empty where the dump has none. */
    Optional<Instant> newestMarker() {
        try (Connection transaction = begin();
                Statement statement = transaction.createStatement()) {
            if (!"t".equals(text(statement, "select to_regclass('lifeboat.marker') is not null"))) {
                return Optional.empty();
            }
            try (ResultSet row = statement.executeQuery("select max(at)::timestamptz from lifeboat.marker")) {
                row.next();
                return Optional.ofNullable(row.getObject(1, OffsetDateTime.class))
                        .map(OffsetDateTime::toInstant);
            }
        } catch (SQLException e) {
            throw failed("read the marker of " + manifest.database(), e);
        }
    }

    boolean hasConfiguredRole() throws SQLException {
        try (Connection connection = server.connect(CopySession.ANY_DATABASE);
                var statement = connection.prepareStatement(
                        "select count(*) from pg_roles where rolname = ? and rolcanlogin")) {
            statement.setString(1, cluster.user());
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getLong(1) > 0;
            }
        }
    }

    private boolean isMain() {
        return manifest.database().equals(cluster.database());
    }

    static @Nullable String text(Statement statement, String sql) throws SQLException {
        try (ResultSet row = statement.executeQuery(sql)) {
            return row.next() ? row.getString(1) : null;
        }
    }

    static RecoveryFailure failed(String what, SQLException cause) {
        return new RecoveryFailure(
                FailureCode.DATABASE_UNREACHABLE,
                "cannot %s: %s".formatted(what, cause.getMessage()),
                "it is tried again; the log of the throw-away server is in its workspace",
                cause);
    }
}
