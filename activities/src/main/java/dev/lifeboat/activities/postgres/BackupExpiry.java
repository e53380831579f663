package dev.lifeboat.activities.postgres;

import dev.lifeboat.activities.postgres.RetentionFacts.DumpFact;
import dev.lifeboat.activities.postgres.RetentionFacts.Fact;
import dev.lifeboat.activities.postgres.RetentionFacts.Remains;
import dev.lifeboat.activities.postgres.RetentionFacts.WalFile;
import dev.lifeboat.activities.postgres.RetentionFactsReader.Restores;
import dev.lifeboat.activities.store.ObjectStore.Refusal;
import dev.lifeboat.config.LifeboatConfig.Retention;
import dev.lifeboat.workflows.contract.Progress;
import dev.lifeboat.workflows.contract.postgres.PostgresRetentionActivities.Expiry;
import dev.lifeboat.workflows.contract.postgres.PostgresRetentionActivities.ExpiryOrder;
import dev.lifeboat.workflows.contract.postgres.PostgresRetentionActivities.Item;
import dev.lifeboat.workflows.contract.postgres.PostgresRetentionActivities.Scope;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Lets go what the plan lets go, in an order in which a crash leaves nothing that lies. Everything that goes is marked first;
 * then all facts are read again, since a restore may have begun, a pin been set or a proof been written meanwhile, and only
 * what goes by the second plan, too, loses its objects. WAL goes last, from its oldest end on.
 */
final class BackupExpiry {

    /** Between two looks at the leases. */
    private static final int BATCH = 1000;

    private final ClusterAccess access;
    private final Retention retention;
    private final Clock clock;
    private final Watch watch;
    private final ExpiryItems items;
    private final ExpiryMarks marks;

    BackupExpiry(ClusterAccess access, Retention retention, Clock clock, Watch watch) {
        this.access = access;
        this.retention = retention;
        this.clock = clock;
        this.watch = watch;
        this.items = new ExpiryItems(retention);
        this.marks = new ExpiryMarks(access.store());
    }

    /** What would go now; changes nothing. */
    Expiry plan() {
        RetentionFacts facts = RetentionFactsReader.read(access, clock);
        RetentionPlan plan = RetentionPlan.decide(facts, retention);
        return new Expiry(
                access.cluster().name(),
                false,
                plan.blocked(),
                items.going(facts, plan, Scope.ALL),
                items.kept(plan, Scope.ALL),
                List.of(),
                notes(facts, 0),
                null);
    }

    Expiry apply(ExpiryOrder order, String runId) {
        RetentionFacts facts = RetentionFactsReader.read(access, clock);
        RetentionPlan plan = RetentionPlan.decide(facts, retention);
        if (plan.isBlocked()) {
            liftAll(order, facts);
            return nothing(order, facts, plan);
        }
        List<Item> going = items.going(facts, plan, order.scope());
        liftWhatStays(order, facts, plan);
        if (going.isEmpty()) {
            return nothing(order, facts, plan);
        }
        ExpiryEvidence evidence = new ExpiryEvidence(access.store(), order, runId, retention, facts.now(), going);
        evidence.begin();
        for (Fact fact : plan.going()) {
            if (ExpiryItems.concerns(order.scope(), fact)) {
                check(order);
                marks.set(fact.manifest(), facts.now());
            }
        }
        try {
            Expiry done = goOn(order, evidence);
            evidence.end(done);
            return done.within(MOST_ITEMS);
        } catch (RecoveryFailure e) {
            if (e.code() == FailureCode.CREDENTIALS_REFUSED) {
                liftAfter(e, order);
            }
            throw e;
        }
    }

    /** What these keys may read and mark and not delete would be out of sight for ever. */
    private void liftAfter(RecoveryFailure refused, ExpiryOrder order) {
        try {
            liftAll(order, RetentionFactsReader.read(access, clock));
        } catch (RecoveryFailure e) {
            refused.addSuppressed(e);
        }
    }

    static final int MOST_ITEMS = 1000;
    static final String NO_DUMP_GOES = "no dump goes: ";

    /** With everything marked that goes, by this attempt or an earlier one. */
    private Expiry goOn(ExpiryOrder order, ExpiryEvidence evidence) {
        RetentionFacts facts = RetentionFactsReader.read(access, clock);
        RetentionPlan plan = RetentionPlan.decide(facts, retention);
        if (plan.isBlocked()) {
            liftAll(order, facts);
            return new Expiry(
                    order.cluster(),
                    true,
                    plan.blocked(),
                    List.of(),
                    items.kept(plan, order.scope()),
                    List.of(),
                    notes(facts, 0),
                    evidence.address());
        }
        liftWhatStays(order, facts, plan);
        Round round = new Round(order, new BackupRemoval(access.store(), order.cluster()));
        round.remove(facts, plan);
        return new Expiry(
                order.cluster(),
                true,
                List.copyOf(round.stopped),
                List.copyOf(round.gone),
                items.kept(plan, order.scope()),
                List.copyOf(round.refused),
                notes(facts, round.unclear, round.removal.asVersions()),
                evidence.address());
    }

    private Expiry nothing(ExpiryOrder order, RetentionFacts facts, RetentionPlan plan) {
        return new Expiry(
                        order.cluster(),
                        true,
                        plan.blocked(),
                        List.of(),
                        items.kept(plan, order.scope()),
                        List.of(),
                        notes(facts, 0),
                        null)
                .within(MOST_ITEMS);
    }

    private void check(ExpiryOrder order) {
        watch.check();
        order.fences().forEach(access.leases()::check);
    }

    /**
     * What an attempt that was killed has marked is a backup again: a restore may be reading it and, where something cannot be
     * understood, it may be what is wanted in place of that.
     */
    private void liftAll(ExpiryOrder order, RetentionFacts facts) {
        marked(order, facts).forEach(fact -> {
            check(order);
            marks.lift(fact.manifest());
        });
    }

    /** Of those that are marked, by an attempt that was killed or a moment ago, the ones that are to stay after all. */
    private void liftWhatStays(ExpiryOrder order, RetentionFacts facts, RetentionPlan plan) {
        marked(order, facts).filter(plan::keeps).forEach(fact -> {
            check(order);
            marks.lift(fact.manifest());
        });
    }

    private static Stream<Fact> marked(ExpiryOrder order, RetentionFacts facts) {
        return facts.facts().filter(fact -> fact.expiringSince() != null && ExpiryItems.concerns(order.scope(), fact));
    }

    private List<String> notes(RetentionFacts facts, int asVersions) {
        return notes(facts, Set.of(), asVersions);
    }

    /** @param unclear what is not clear by now */
    private List<String> notes(RetentionFacts facts, Set<String> unclear, int asVersions) {
        Set<String> dumpsStay = new TreeSet<>(facts.unclear());
        dumpsStay.addAll(unclear);
        List<String> notes = new ArrayList<>();
        dumpsStay.forEach(why -> notes.add(NO_DUMP_GOES + why));
        List<String> systems = facts.backups().stream()
                .map(RetentionFacts.BackupFact::systemId)
                .distinct()
                .toList();
        if (systems.size() > 1) {
            notes.add(
                    "there are backups of %d clusters (system identifiers %s): of each the newest two and their WAL stay until a person removes them, also of one that is no more"
                            .formatted(systems.size(), String.join(", ", systems)));
        }
        facts.facts()
                .filter(fact -> !fact.whole())
                .forEach(fact -> notes.add(
                        "the %s %s is not all there, and is counted for nothing; 'lifeboat backups %s' shows it"
                                .formatted(
                                        fact instanceof DumpFact ? "dump" : "base backup",
                                        fact.id(),
                                        access.cluster().name())));
        if (asVersions > 0) {
            notes.add(
                    "the bucket goes on keeping %d of these objects as earlier versions; its lifecycle rules say how long"
                            .formatted(asVersions));
        }
        return List.copyOf(notes);
    }

    /** The deletions of one call. */
    private final class Round {

        private final ExpiryOrder order;
        private final BackupRemoval removal;
        private final List<Item> gone = new ArrayList<>();
        private final Set<Fact> goneBackups = new HashSet<>();
        private final List<Item> refused = new ArrayList<>();
        private final List<String> stopped = new ArrayList<>();
        private final Set<String> unclear = new TreeSet<>();

        Round(ExpiryOrder order, BackupRemoval removal) {
            this.order = order;
            this.removal = removal;
        }

        void remove(RetentionFacts facts, RetentionPlan plan) {
            for (Remains each : facts.remains()) {
                if (ExpiryItems.concerns(order.scope(), each) && mayGo(each.kind())) {
                    List<Refusal> kept = each.kind().equals("dump")
                            ? removal.dump(each.id(), each.manifest())
                            : removal.baseBackup(each.manifest());
                    note(ExpiryItems.remains(each), kept);
                }
            }
            List<Fact> going = plan.going().stream()
                    .filter(fact -> fact.expiringSince() != null && ExpiryItems.concerns(order.scope(), fact))
                    .toList();
            for (int done = 0; done < going.size(); done++) {
                Fact fact = going.get(done);
                watch.progress(new Progress("deleting " + fact.id(), done, going.size(), "backups"));
                if (!mayGoOn()) {
                    going.subList(done, going.size()).forEach(each -> marks.lift(each.manifest()));
                    return;
                }
                if (fact instanceof DumpFact && !unclear.isEmpty()) {
                    marks.lift(fact.manifest());
                    continue;
                }
                List<Refusal> kept = fact instanceof DumpFact
                        ? removal.dump(fact.id(), fact.manifest())
                        : removal.baseBackup(fact.manifest());
                note(items.goes(fact), kept);
                if (kept.isEmpty()) {
                    goneBackups.add(fact);
                }
            }
            if (order.scope() != Scope.DUMPS) {
                // What was kept by the bucket, or was not to go at the first look and so is not marked, is still there.
                RetentionPlan.wal(facts, retention, backup -> !goneBackups.contains(backup))
                        .forEach(this::removeWal);
            }
        }

        private void removeWal(WalRetention wal) {
            List<WalFile> files = wal.going();
            List<WalFile> removed = new ArrayList<>();
            Map<String, List<WalFile>> kept = new HashMap<>();
            for (int from = 0; from < files.size() && mayGoOn(); from += BATCH) {
                List<WalFile> some = files.subList(from, Math.min(files.size(), from + BATCH));
                watch.progress(new Progress("deleting WAL from " + some.get(0).name(), from, files.size(), "objects"));
                Map<String, String> refusals = new HashMap<>();
                removal.objects(some.stream().map(WalFile::key).toList())
                        .forEach(refusal -> refusals.put(refusal.key(), refusal.why()));
                for (WalFile file : some) {
                    String why = refusals.get(file.key());
                    (why == null ? removed : kept.computeIfAbsent(why, any -> new ArrayList<>())).add(file);
                }
            }
            gone.addAll(ExpiryItems.rows(removed, wal.why()));
            kept.forEach((why, row) -> refused.addAll(ExpiryItems.rows(row, "the bucket keeps it: " + why)));
        }

        private void note(Item item, List<Refusal> kept) {
            if (kept.isEmpty()) {
                gone.add(item);
            } else {
                refused.add(new Item(
                        item.kind(),
                        item.id(),
                        item.database(),
                        kept.size(),
                        item.bytes(),
                        "the bucket keeps it: " + kept.get(0).why()));
            }
        }

        /** Nothing more is deleted once a run restores. */
        private boolean mayGoOn() {
            check(order);
            if (stopped.isEmpty()) {
                Restores restores = RetentionFactsReader.restores(access);
                stopped.addAll(restores.holders());
                unclear.addAll(restores.unclear());
            }
            return stopped.isEmpty();
        }

        /** And no dump more once it is not clear whether one is being read. */
        private boolean mayGo(String kind) {
            return mayGoOn() && (!kind.equals("dump") || unclear.isEmpty());
        }
    }
}
