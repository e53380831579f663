package dev.lifeboat.activities.postgres;

import dev.lifeboat.config.LifeboatConfig.PostgresCluster;
import dev.lifeboat.workflows.contract.Progress;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import dev.lifeboat.workflows.domain.postgres.DatabaseFacts.Extension;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * A PostgreSQL of its own, made to be thrown away, in the workspace of one verification. Reached by its socket alone, which
 * lies in a folder that only the server's own user may enter. It outlives the worker and is found again by the next
 * attempt. Whoever uses it holds the lock of the workspace.
 */
final class ThrowawayServer {

    /** Unlike that of any role that a dump could bring. */
    static final String SUPERUSER = "lifeboat_throwaway";

    /** In a workspace: its server is a throw-away one, which may be ended and removed by whoever clears up. */
    static final String MADE = "throwaway";

    private static final Duration INITDB = Duration.ofMinutes(10);
    private static final Duration TO_START = Duration.ofMinutes(2);
    private static final int NO_CHECKSUMS_UNLESS_ASKED = 17;

    private final PostgresCluster cluster;
    private final RecoveryWorkspace workspace;
    private final List<Extension> extensions;
    private final NetworkIsolation isolation;
    private final CopyServer server;

    /**
     * @param programs   of the dump's major version
     * @param extensions of the dump: some need their library from the start
     */
    ThrowawayServer(PostgresCluster cluster, Path programs, RecoveryWorkspace workspace, List<Extension> extensions) {
        this.cluster = withPrograms(cluster, programs);
        this.workspace = workspace;
        this.extensions = extensions;
        this.isolation = NetworkIsolation.possible(workspace.user());
        this.server = new CopyServer(this.cluster, workspace, isolation);
    }

    /** With the programs that fit this server, to run others of them against it. */
    PostgresCluster cluster() {
        return cluster;
    }

    Path socketFolder() {
        return workspace.socketFolder();
    }

    int port() {
        return RecoverySettings.PORT;
    }

    /** False where it listens on no network, and could call out by one all the same. */
    boolean isIsolated() {
        return !isolation.isNone();
    }

    /** How a person reaches it. */
    String address(String database) {
        return "psql -h %s -p %d -U %s %s".formatted(socketFolder(), port(), SUPERUSER, database);
    }

    /**
     * Makes it where it is not there, starts it where it does not run.
     *
     * @return what had to be done, for the step table
     */
    String ensure(Watch watch) throws InterruptedException {
        String done = "found again";
        try {
            if (!workspace.has(MADE)) {
                make(watch);
                done = "made and started";
            }
            if (!server.isReady()) {
                start(watch);
                done = done.equals("found again") ? "started again" : done;
            }
            return done;
        } catch (IOException e) {
            throw FileTrees.failed("make a throw-away server in " + workspace.copy(), e);
        }
    }

    Connection connect(String database) throws SQLException {
        return connect(SUPERUSER, database);
    }

    Connection connect(String role, String database) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", role);
        properties.setProperty("ApplicationName", "lifeboat");
        properties.setProperty("sslmode", "disable");
        properties.setProperty("gssEncMode", "disable");
        properties.setProperty("socketFactory", PrivateSocketFactory.class.getName());
        properties.setProperty(
                "socketFactoryArg", socketFolder().resolve(".s.PGSQL." + port()).toString());
        return DriverManager.getConnection(
                "jdbc:postgresql://localhost:%d/%s"
                        .formatted(port(), URLEncoder.encode(database, StandardCharsets.UTF_8)),
                properties);
    }

    /** What a killed attempt left half made is made anew. */
    private void make(Watch watch) throws IOException, InterruptedException {
        watch.progress(new Progress("making a throw-away server", 0, 0, "steps"));
        CopyProcess.endAny(workspace.copy());
        CopyProcess.clearAfterDeath(workspace.copy());
        workspace.discardCopy();
        workspace.write("copy-begun", "");
        CopyAccess.install(workspace);
        List<String> command = new ArrayList<>(List.of(
                cluster.binary("initdb").toString(),
                "-D",
                workspace.copy().toString(),
                "-U",
                SUPERUSER,
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--locale=C",
                "--no-sync",
                "--no-instructions"));
        if (majorVersion() > NO_CHECKSUMS_UNLESS_ASKED) {
            command.add("--no-data-checksums");
        }
        Commands.require(workspace.user(), command, Map.of(), INITDB);
        workspace.write(MADE, "");
    }

    private int majorVersion() {
        return ServerPrograms.majorVersion(cluster.binDirectory(), workspace.user())
                .orElseThrow(() -> new RecoveryFailure(
                        FailureCode.MISSING_BINARY,
                        "cannot make a throw-away server: %s does not say its version"
                                .formatted(cluster.binary("postgres")),
                        "install the server programs of that version on this host"));
    }

    private void start(Watch watch) throws IOException, InterruptedException {
        if (server.find().isPresent() && !awaitReady(null, watch)) {
            server.stopAtOnce();
        }
        if (server.isReady()) {
            return;
        }
        Path log = server.start(ThrowawaySettings.of(workspace, extensions));
        if (!awaitReady(log, watch)) {
            throw new RecoveryFailure(
                    FailureCode.SERVER_DID_NOT_START,
                    "the throw-away server in %s did not start within %s: %s"
                            .formatted(workspace.copy(), TO_START, lastWords(log)),
                    "its log is " + log);
        }
    }

    private boolean awaitReady(@Nullable Path log, Watch watch) throws InterruptedException {
        long deadline = System.nanoTime() + TO_START.toNanos();
        while (System.nanoTime() < deadline) {
            if (server.isReady()) {
                return true;
            }
            if (log != null && server.find().isEmpty() && !lastWords(log).isEmpty() && hasDied(log)) {
                return false;
            }
            watch.check();
            Thread.sleep(20);
        }
        return false;
    }

    private static boolean hasDied(Path log) {
        return CopyServer.readLines(log).stream().anyMatch(line -> line.contains("FATAL:"));
    }

    private static String lastWords(Path log) {
        List<String> lines = Files.exists(log) ? CopyServer.readLines(log) : List.of();
        return String.join(" / ", lines.subList(Math.max(0, lines.size() - 3), lines.size()));
    }

    private static PostgresCluster withPrograms(PostgresCluster c, Path programs) {
        return new PostgresCluster(
                c.name(),
                c.dataDirectory(),
                programs,
                c.configFile(),
                c.runAs(),
                c.host(),
                c.port(),
                c.user(),
                c.password(),
                c.database(),
                c.databases(),
                c.start(),
                c.stop(),
                c.smokeTests(),
                c.objectives(),
                c.markerInterval());
    }
}
