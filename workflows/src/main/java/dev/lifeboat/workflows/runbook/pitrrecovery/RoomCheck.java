package dev.lifeboat.workflows.runbook.pitrrecovery;

import dev.lifeboat.workflows.contract.postgres.Placement;
import dev.lifeboat.workflows.contract.postgres.RecoveryFacts;
import dev.lifeboat.workflows.contract.postgres.TablespaceFacts.Site;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import dev.lifeboat.workflows.domain.postgres.BaseBackup;
import dev.lifeboat.workflows.domain.postgres.Tablespace;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Whether every file system that a copy is written to has room for its part, and can be written to at all. */
final class RoomCheck {

    /** The WAL that may lie beside the copy at one time, in segments. */
    private static final int WAL_IN_FLIGHT = 64;

    private final PitrRecoveryInput input;
    private final RecoveryFacts facts;
    private final Consumer<RecoveryFailure> refusals;

    RoomCheck(PitrRecoveryInput input, RecoveryFacts facts, Consumer<RecoveryFailure> refusals) {
        this.input = input;
        this.facts = facts;
        this.refusals = refusals;
    }

    void check(BaseBackup backup, int segments) {
        List<Tablespace> elsewhere = backup.tablespaces().stream()
                .filter(each -> !each.liesInDataDirectory() && input.placement() == Placement.IN_PLACE)
                .toList();
        long beside = elsewhere.stream().mapToLong(Tablespace::bytes).sum();
        long need = Math.max(0, backup.bytes() - beside)
                + Math.min(segments, WAL_IN_FLIGHT) * facts.segmentSize().bytes();
        Map<String, Long> needs = new LinkedHashMap<>();
        Map<String, Site> sites = new LinkedHashMap<>();
        for (Tablespace each : elsewhere) {
            Optional<Site> site = site(each);
            if (site.isEmpty() || site.get().obstacle() != null) {
                refuseSite(each, site.map(Site::obstacle).orElse("nobody has looked at " + each.location()));
            } else if (site.get().device().equals(facts.tablespaces().dataDevice())) {
                need += each.bytes();
            } else {
                sites.putIfAbsent(site.get().device(), site.get());
                needs.merge(site.get().device(), each.bytes(), Long::sum);
            }
        }
        long free = facts.space().free();
        if (free >= 0 && free < need) {
            refuse(
                    FailureCode.TOO_LITTLE_SPACE,
                    "cannot recover %s beside its data: the copy and its WAL need %d MiB, and %d MiB are free"
                            .formatted(input.cluster(), need >> 20, free >> 20),
                    "free some room, or recover to another disk with '--into DIR --port N'");
        }
        needs.forEach((device, bytes) -> room(sites.get(device), bytes));
    }

    private void room(@Nullable Site site, long need) {
        if (site != null && site.free() >= 0 && site.free() < need) {
            refuse(
                    FailureCode.TOO_LITTLE_SPACE,
                    "cannot recover %s beside its data: the copy's tablespaces on the file system of %s need %d MiB, and %d MiB are free"
                            .formatted(input.cluster(), site.location(), need >> 20, site.free() >> 20),
                    "free some room there, or recover to another disk with '--into DIR --port N'");
        }
    }

    private Optional<Site> site(Tablespace tablespace) {
        return facts.tablespaces().sites().stream()
                .filter(site -> site.location().equals(tablespace.location()))
                .findFirst();
    }

    private void refuseSite(Tablespace tablespace, @Nullable String why) {
        refuse(
                FailureCode.SWAP_IMPOSSIBLE,
                "cannot recover %s in place: its tablespace %s (%s) belongs in %s, and %s"
                        .formatted(input.cluster(), tablespace.name(), tablespace.oid(), tablespace.location(), why),
                "make that place usable, or recover beside the live cluster with '--into DIR --port N'");
    }

    private void refuse(FailureCode code, String message, String hint) {
        refusals.accept(new RecoveryFailure(code, message, hint));
    }
}
