package dev.lifeboat.workflows.runbook.pitrrecovery;

import static dev.lifeboat.workflows.domain.FailureCode.NO_BASE_BACKUP;
import static dev.lifeboat.workflows.domain.FailureCode.UNKNOWN_TIMELINE;

import dev.lifeboat.workflows.contract.postgres.RecoveryFacts;
import dev.lifeboat.workflows.contract.postgres.RecoveryFacts.TimelineFacts;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import dev.lifeboat.workflows.domain.postgres.BaseBackup;
import dev.lifeboat.workflows.domain.postgres.Lsn;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Which timeline to recover along: the newest that exists, or the one that was asked for. */
final class TimelineChoice {

    private final PitrRecoveryInput input;
    private final RecoveryFacts facts;
    private final Consumer<RecoveryFailure> refusals;

    TimelineChoice(PitrRecoveryInput input, RecoveryFacts facts, Consumer<RecoveryFailure> refusals) {
        this.input = input;
        this.facts = facts;
        this.refusals = refusals;
    }

    @Nullable TimelinePath choose() {
        List<Integer> known =
                facts.timelines().stream().map(TimelineFacts::timeline).sorted().toList();
        if (known.isEmpty()) {
            refuse(
                    NO_BASE_BACKUP,
                    "cannot recover %s: there is no WAL of it, in the bucket or on the live disk"
                            .formatted(input.cluster()),
                    "set archiving up with 'lifeboat setup postgres %s --apply'".formatted(input.cluster()));
            return null;
        }
        int wanted = wanted(known);
        Optional<TimelineFacts> found =
                facts.timelines().stream().filter(t -> t.timeline() == wanted).findFirst();
        if (found.isEmpty()) {
            refuse(
                    UNKNOWN_TIMELINE,
                    "cannot recover %s along timeline %s: its WAL has %s only"
                            .formatted(input.cluster(), Objects.toString(input.timeline()), listed(known)),
                    "'lifeboat window %s' shows what each of them reaches".formatted(input.cluster()));
            return null;
        }
        if (found.get().history() == null && wanted != 1) {
            refuse(
                    UNKNOWN_TIMELINE,
                    "cannot recover %s along timeline %d: its history file %08X.history is missing, in the bucket and on the live disk"
                            .formatted(input.cluster(), wanted, wanted),
                    "recover along an older one with '--timeline N'; there are " + listed(known));
            return null;
        }
        return pathTo(found.get());
    }

    /**
     * The path that ends with the timeline on which recovery stops. PostgreSQL writes the timeline it was told to recover
     * along into the history of the new one, even if it stopped on an older one: such a history would name a way that
     * nobody went. Only where a segment is left on the newer timeline alone, the newer one is taken.
     */
    TimelinePath endingAt(int last, TimelinePath chosen, BaseBackup backup, Lsn end) {
        if (last == chosen.timeline()) {
            return chosen;
        }
        TimelinePath own = pathTo(facts.timelines().stream()
                .filter(each -> each.timeline() == last)
                .findFirst()
                .orElseThrow());
        return own.isWhole(backup.startLsn(), end) || !chosen.isWhole(backup.startLsn(), end) ? own : chosen;
    }

    private TimelinePath pathTo(TimelineFacts found) {
        return TimelinePath.to(found.timeline(), found.history(), facts.timelines(), facts.segmentSize());
    }

    private int wanted(List<Integer> known) {
        int newest = known.get(known.size() - 1);
        String typed = input.timeline();
        if (typed == null || typed.equals("latest")) {
            return newest;
        }
        if (typed.equals("current")) {
            return BackupChoice.timelineOfNewest(input, facts).orElse(newest);
        }
        return typed.matches("\\d{1,9}") ? Integer.parseInt(typed) : 0;
    }

    private static String listed(List<Integer> known) {
        return (known.size() == 1 ? "timeline " : "timelines ")
                + known.stream().map(String::valueOf).collect(Collectors.joining(", "));
    }

    private void refuse(FailureCode code, String message, String hint) {
        refusals.accept(new RecoveryFailure(code, message, hint));
    }
}
