package dev.lifeboat.activities.postgres;

import dev.lifeboat.workflows.contract.Progress;
import dev.lifeboat.workflows.contract.evidence.Check;
import dev.lifeboat.workflows.contract.evidence.Finding;
import dev.lifeboat.workflows.contract.evidence.LeftBehind;
import dev.lifeboat.workflows.contract.evidence.ReportWords;
import dev.lifeboat.workflows.contract.evidence.SeenToFail;
import dev.lifeboat.workflows.contract.postgres.PostgresVerificationActivities.CheckedDatabase;
import dev.lifeboat.workflows.contract.postgres.PostgresVerificationActivities.LoadedDump;
import dev.lifeboat.workflows.contract.postgres.PostgresVerificationActivities.Lots;
import dev.lifeboat.workflows.contract.postgres.PostgresVerificationActivities.ProofOrder;
import dev.lifeboat.workflows.contract.postgres.PostgresVerificationActivities.ProvenChecks;
import dev.lifeboat.workflows.contract.postgres.PostgresVerificationActivities.VerificationFacts;
import dev.lifeboat.workflows.contract.postgres.PostgresVerificationActivities.VerificationOrder;
import dev.lifeboat.workflows.contract.postgres.RecoveryFacts.UnusableBackup;
import dev.lifeboat.workflows.contract.postgres.StepOutcome;
import dev.lifeboat.workflows.contract.postgres.VerificationPlan;
import dev.lifeboat.workflows.domain.postgres.Dump;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.random.RandomGenerator;

/** The steps of a verification. Each makes sure of the ones before it. Knows nothing of Temporal. */
final class VerificationSteps {

    private static final RandomGenerator RANDOM = new SecureRandom();

    private final ClusterAccess access;

    VerificationSteps(ClusterAccess access) {
        this.access = access;
    }

    VerificationFacts gatherFacts(String cluster) {
        access.requireName(cluster);
        List<UnusableBackup> unusable = new ArrayList<>();
        List<Dump> dumps = access.dumps().manifests(unusable::add).stream()
                .map(manifest -> manifest.toDump(null))
                .toList();
        VerificationPlace place = VerificationPlace.of(access);
        return new VerificationFacts(
                dumps,
                List.copyOf(unusable),
                ServerPrograms.on(access.cluster().binDirectory(), access.user()),
                new ChecksSeenToFail(access.store(), cluster).read(),
                access.cluster().database(),
                access.cluster().dataDirectory().toString(),
                place.root().toString(),
                place.freeBytes(),
                new Lots(RANDOM.nextDouble(), RANDOM.nextDouble()),
                Instant.now(),
                outcome(""));
    }

    StepOutcome startServer(VerificationOrder order, Watch watch) throws InterruptedException {
        try (VerificationAttempt attempt = begin(order, watch)) {
            String done = attempt.start();
            boolean isolated = attempt.server().isIsolated();
            return outcome("%s, PostgreSQL %d in %s, %s"
                            .formatted(
                                    done,
                                    order.plan().dump().serverVersion() / 10_000,
                                    attempt.copy(),
                                    isolated ? "without any network" : "listening on no network"))
                    .withFindings(isolated ? List.of() : List.of(notIsolated()));
        }
    }

    private static Finding notIsolated() {
        return new Finding(
                "low",
                "the throw-away server listens on no network, but this host did not let its network be taken away",
                "a restored database that calls out by itself can reach what this host can; 'unshare --net' must be allowed to the worker");
    }

    StepOutcome restoreGlobals(VerificationOrder order, Watch watch) throws InterruptedException {
        try (VerificationAttempt attempt = begin(order, watch)) {
            VerificationAttempt.Globals globals = attempt.globals();
            noteDoubt(order, globals.checks());
            return outcome(globals.detail()).withChecks(globals.checks()).withFindings(globals.findings());
        }
    }

    LoadedDump loadDump(VerificationOrder order, Watch watch) throws InterruptedException {
        try (VerificationAttempt attempt = begin(order, watch)) {
            VerificationAttempt.Loaded loaded = attempt.load();
            noteDoubt(order, loaded.checks());
            return new LoadedDump(
                    loaded.loaded(),
                    outcome(loaded.detail()).withChecks(loaded.checks()).withFindings(loaded.findings()));
        }
    }

    CheckedDatabase checkDatabase(VerificationOrder order, Watch watch) throws InterruptedException {
        try (VerificationAttempt attempt = begin(order, watch)) {
            attempt.requireLoaded();
            VerificationDatabase database = attempt.database();
            watch.progress(new Progress("looking at the restored database", 0, 0, "checks"));
            List<Check> checks = new ArrayList<>(database.check());
            noteDoubt(order, checks);
            List<Finding> findings = new ArrayList<>(database.findings());
            ProductionComparison.Compared production =
                    new ProductionComparison(access, attempt.manifest(), watch).compare();
            checks.addAll(production.checks());
            findings.addAll(production.findings());
            return new CheckedDatabase(
                    database.newestMarker().orElse(null),
                    outcome(ReportWords.count(checks.size(), "check", "checks"))
                            .withChecks(checks)
                            .withFindings(findings));
        }
    }

    ProvenChecks proveChecks(VerificationOrder order, Watch watch) throws InterruptedException {
        try (VerificationAttempt attempt = begin(order, watch)) {
            attempt.requireLoaded();
            ChecksOnTrial trial = new ChecksOnTrial(
                    attempt.database(), attempt.server(), access.cluster().user(), order.run(), watch);
            trial.database();
            trial.archive(
                    new VerificationArchive(attempt.manifest(), watch),
                    access,
                    attempt.manifest().archive(),
                    attempt.spool("damaged"));
            access.leases().check(order.fence());
            Map<String, SeenToFail> all =
                    new ChecksSeenToFail(access.store(), order.plan().cluster()).add(trial.seen());
            return new ProvenChecks(
                    all,
                    outcome(ReportWords.count(trial.checks().size(), "damage", "damages") + " done and taken back")
                            .withChecks(trial.checks())
                            .withFindings(trial.findings()));
        } catch (IOException e) {
            throw FileTrees.failed("spool a damaged archive", e);
        }
    }

    StepOutcome keepServer(VerificationOrder order, Watch watch) throws InterruptedException {
        try (VerificationAttempt attempt = begin(order, watch)) {
            attempt.start();
            Instant until = Objects.requireNonNull(order.plan().keptUntil());
            String database = order.plan().dump().database();
            String address = attempt.server().address(database);
            attempt.keep(new KeptServer(1, order.plan().dump().id(), until, address));
            return outcome("kept: " + address)
                    .withLeftBehind(List.of(new LeftBehind(
                            "throw-away server with the dump "
                                    + order.plan().dump().id(),
                            "%s; as the user %s: %s"
                                    .formatted(attempt.root(), access.user().name(), address),
                            until)));
        }
    }

    StepOutcome removeServer(VerificationOrder order) throws InterruptedException {
        access.leases().check(order.fence());
        RecoveryWorkspace workspace = workspace(order.plan());
        return outcome(new CopyRemoval(access.cluster(), workspace).remove(order.fence()));
    }

    StepOutcome noteProof(ProofOrder proof) {
        VerificationOrder order = proof.verification();
        access.leases().check(order.fence());
        boolean noted = new DumpProofs(access.store(), order.plan().cluster())
                .write(order.plan().dump(), order.run(), order.fence().runId(), proof.provedAt(), proof.checks());
        return outcome(
                noted
                        ? "%s is proved by %s"
                                .formatted(
                                        order.plan().dump().id(),
                                        ReportWords.count(proof.checks(), "green check", "green checks"))
                        : "%s is gone meanwhile".formatted(order.plan().dump().id()));
    }

    /** At once, and not at the end: whoever restores the dump meanwhile has to hear of it. */
    private void noteDoubt(VerificationOrder order, List<Check> checks) {
        access.leases().check(order.fence());
        new DumpDoubts(access.store(), order.plan().cluster())
                .write(order.plan().dump(), order.run(), order.fence().runId(), Instant.now(), checks);
    }

    private VerificationAttempt begin(VerificationOrder order, Watch watch) {
        access.leases().check(order.fence());
        DumpManifest manifest = access.dumps().read(order.plan().dump().id());
        RecoveryWorkspace workspace = workspace(order.plan());
        return new VerificationAttempt(
                access, order.plan(), manifest, workspace, workspace.claim(order.fence()), watch);
    }

    private RecoveryWorkspace workspace(VerificationPlan plan) {
        return new RecoveryWorkspace(plan.directories(), access.user());
    }

    private StepOutcome outcome(String detail) {
        return StepOutcome.of(detail, access.workerName());
    }
}
