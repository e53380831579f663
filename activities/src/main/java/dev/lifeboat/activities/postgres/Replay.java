package dev.lifeboat.activities.postgres;

import dev.lifeboat.config.LifeboatConfig.PostgresCluster;
import dev.lifeboat.workflows.contract.Progress;
import dev.lifeboat.workflows.contract.evidence.ReportWords;
import dev.lifeboat.workflows.contract.postgres.RecoveryPlan;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Runs the copy's recovery to its end, which is the promotion, whatever happens to worker, server or store on the way. A
 * server that still runs is found and fed; one that died of something that passes is started again; what was already
 * promoted is only recognised.
 */
final class Replay {

    private static final Duration TO_APPEAR = Duration.ofSeconds(30);
    private static final Duration STORE_AWAY = Duration.ofMinutes(10);
    private static final int STARTS = 20;
    private static final long POLL_MILLIS = 20;

    private final PostgresCluster cluster;
    private final RecoveryPlan plan;
    private final RecoveryWorkspace workspace;
    private final Function<NeededWal, WalSupply> source;
    private final Watch watch;
    private final CopyConfiguration configuration;
    private final CopyServer server;
    private final CopyPromotion promotion;
    private Map<String, String> capacity = Map.of();

    Replay(
            PostgresCluster cluster,
            RecoveryPlan plan,
            RecoveryWorkspace workspace,
            Function<NeededWal, WalSupply> source,
            Watch watch) {
        this.cluster = cluster;
        this.plan = plan;
        this.workspace = workspace;
        this.source = source;
        this.watch = watch;
        this.configuration = new CopyConfiguration(cluster, plan, workspace);
        this.server = new CopyServer(cluster, workspace);
        this.promotion = new CopyPromotion(cluster, plan, workspace);
    }

    /** Returns when the copy is promoted and takes connections. */
    String run() throws InterruptedException {
        if (workspace.has("promoted")) {
            ensureRunning();
            return "promoted before";
        }
        long began = System.nanoTime();
        ControlFile control = ControlFile.read(cluster.binary("pg_controldata"), workspace.user(), workspace.copy());
        NeededWal path = new NeededWal(plan, control.segmentSize());
        long from =
                control.segmentSize().segmentAt(plan.timeline(), control.redo()).number();
        try (WalFeeder feeder = new WalFeeder(workspace, path, source.apply(path), from)) {
            feeder.start(Math.max(2, Runtime.getRuntime().availableProcessors()));
            untilPromoted(feeder, path);
        } catch (IOException e) {
            throw FileTrees.failed("replay WAL into " + workspace.copy(), e);
        }
        workspace.write("promoted", "");
        double seconds = (System.nanoTime() - began) / 1e9;
        return "%s, %.1f s".formatted(ReportWords.count(plan.segments(), "segment", "segments"), seconds);
    }

    /** For the steps after the replay: the promoted copy takes connections, started again if its server is gone. */
    void ensureRunning() throws InterruptedException {
        Path log = null;
        for (int start = 0; start < STARTS; start++) {
            if (server.find().isEmpty()) {
                // What runs without fsync is not durable any more.
                workspace.forget("durable");
                log = server.start(configuration.settings());
            }
            if (awaitReady(null, null)) {
                return;
            }
            pauseForLeftovers();
        }
        throw ReplayDiagnosis.of(plan, ReplayLog.parse(server.logLines()), log == null ? workspace.logs() : log);
    }

    private void untilPromoted(WalFeeder feeder, NeededWal path) throws InterruptedException {
        for (int start = 0; start < STARTS; start++) {
            if (server.find().isEmpty()) {
                startServer();
            }
            if (awaitReady(feeder, path)) {
                requirePromoted();
                return;
            }
            afterDeath(feeder, path);
        }
        throw died();
    }

    /** Returns true when the server takes connections, false when it is gone. Neither says that recovery went well. */
    private boolean awaitReady(@Nullable WalFeeder feeder, @Nullable NeededWal path) throws InterruptedException {
        long deadline = System.nanoTime() + TO_APPEAR.toNanos();
        boolean seen = false;
        while (true) {
            watch.check();
            if (server.isReady()) {
                return true;
            }
            boolean there = server.find().isPresent();
            seen |= there;
            if (!there && (seen || System.nanoTime() > deadline || saidWhyItEnded())) {
                return false;
            }
            if (feeder != null && path != null) {
                report(feeder, path);
                feeder.fatal().ifPresent(this::giveUp);
            }
            Thread.sleep(POLL_MILLIS);
        }
    }

    private void report(WalFeeder feeder, NeededWal path) {
        long total = path.last() - path.first() + 1;
        String what = feeder.away().isPresent() ? "waiting for the object store" : "WAL segments";
        watch.progress(new Progress(what, feeder.taken(), total, "segments"));
    }

    private void giveUp(RecoveryFailure failure) {
        server.stopAtOnce();
        throw failure;
    }

    private void afterDeath(WalFeeder feeder, NeededWal path) throws InterruptedException {
        feeder.fatal().ifPresent(failure -> {
            throw failure;
        });
        if (pauseForLeftovers()) {
            return;
        }
        ReplayLog log = lastLog();
        if (log.complainsOf(ReplayDiagnosis.MISSING_LIBRARY) && !workspace.has("keep-libraries")) {
            workspace.write("keep-libraries", log.lastComplaint().orElse(""));
            return;
        }
        if (ReplayDiagnosis.isOutage(log.lastComplaint().orElse(""))) {
            requireRoom(feeder, path);
            awaitStore(feeder);
            return;
        }
        if (ReplayDiagnosis.lacksCapacity(log) && wasRaisedInWal()) {
            return;
        }
        throw died();
    }

    /** Replay writes the primary's newer limits into the copy's control file; the next start goes by them. */
    private boolean wasRaisedInWal() {
        return !RecoverySettings.capacity(configuration.settings()).equals(capacity);
    }

    private void startServer() {
        promotion.takeBackUnfinished();
        Map<String, String> settings = configuration.settings();
        capacity = RecoverySettings.capacity(settings);
        server.start(settings);
    }

    /** On a full disk the shim cannot even ask, and gives the same answer as when nobody answers it. */
    private void requireRoom(WalFeeder feeder, NeededWal path) {
        try {
            long free = Files.getFileStore(workspace.root()).getUsableSpace();
            if (feeder.away().isEmpty() && free < path.size().bytes()) {
                throw new RecoveryFailure(
                        FailureCode.TOO_LITTLE_SPACE,
                        "cannot replay WAL into %s: a segment needs %s, %s are free"
                                .formatted(
                                        workspace.copy(), Bytes.text(path.size().bytes()), Bytes.text(free)),
                        "free space on that file system, then 'lifeboat retry'");
            }
        } catch (IOException e) {
            throw FileTrees.failed("look at the room for " + workspace.root(), e);
        }
    }

    private boolean pauseForLeftovers() throws InterruptedException {
        if (!lastLog().complainsOf(ReplayDiagnosis.LEFTOVERS)) {
            return false;
        }
        Thread.sleep(1_000);
        return true;
    }

    private void awaitStore(WalFeeder feeder) throws InterruptedException {
        long deadline = System.nanoTime() + STORE_AWAY.toNanos();
        while (true) {
            watch.check();
            Optional<RecoveryFailure> away = feeder.away();
            if (away.isEmpty()) {
                return;
            }
            if (System.nanoTime() > deadline) {
                throw away.get();
            }
            watch.progress(new Progress("waiting for the object store", feeder.taken(), plan.segments(), "segments"));
            Thread.sleep(200);
        }
    }

    /** A server that takes connections has never been recovering, or has ended it: only the second is right. */
    private void requirePromoted() {
        String inRecovery =
                new CopySession(cluster, workspace).require(CopySession.ANY_DATABASE, "select pg_is_in_recovery()");
        ReplayLog log = ReplayLog.parse(server.logLines());
        requireOrStop(inRecovery.equals("f"), "it says that it is in recovery");
        requireOrStop(log.complete(), "its log does not say that archive recovery is complete");
        requireOrStop(promotion.signalIsGone(), "its recovery.signal is still there");
        int timeline = promotion.timeline();
        requireOrStop(
                promotion.isDone() && timeline == log.newTimeline(),
                "its log speaks of new timeline %d and its control file of %d".formatted(log.newTimeline(), timeline));
    }

    private void requireOrStop(boolean promoted, String otherwise) {
        if (!promoted) {
            server.stopAtOnce();
            throw new RecoveryFailure(
                    FailureCode.RECOVERY_POINT_WRONG,
                    "the copy takes connections, but " + otherwise,
                    "abort this run and start a new one; the log is in " + workspace.logs());
        }
    }

    private boolean saidWhyItEnded() {
        return !lastLog().complaints().isEmpty();
    }

    private RecoveryFailure died() {
        List<Path> logs = server.logs();
        return ReplayDiagnosis.of(plan, lastLog(), logs.isEmpty() ? workspace.logs() : logs.get(logs.size() - 1));
    }

    private ReplayLog lastLog() {
        List<Path> logs = server.logs();
        return ReplayLog.parse(logs.isEmpty() ? List.of() : CopyServer.readLines(logs.get(logs.size() - 1)));
    }
}
