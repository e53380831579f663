package dev.lifeboat.workflows.runbook.pitrrecovery;

import dev.lifeboat.workflows.contract.evidence.ReportWords;
import dev.lifeboat.workflows.contract.postgres.RecoveryFacts;
import dev.lifeboat.workflows.contract.postgres.TablespaceFacts.Creation;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import dev.lifeboat.workflows.domain.postgres.BaseBackup;
import dev.lifeboat.workflows.domain.postgres.Lsn;
import dev.lifeboat.workflows.domain.postgres.RecoveryTarget.AtTime;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Which base backup to start from: the newest that was consistent before the target, or the one that was insisted on. */
final class BackupChoice {

    private final PitrRecoveryInput input;
    private final RecoveryFacts facts;
    private final TimelinePath path;
    private final Consumer<RecoveryFailure> refusals;

    BackupChoice(PitrRecoveryInput input, RecoveryFacts facts, TimelinePath path, Consumer<RecoveryFailure> refusals) {
        this.input = input;
        this.facts = facts;
        this.path = path;
        this.refusals = refusals;
    }

    /** What {@code --timeline current} means: the one that the chosen backup was taken on. */
    static Optional<Integer> timelineOfNewest(PitrRecoveryInput input, RecoveryFacts facts) {
        return facts.backups().stream()
                .filter(backup -> input.backup() == null || backup.id().equals(input.backup()))
                .filter(backup -> !(input.target() instanceof AtTime at)
                        || backup.endedAt().isBefore(at.time()))
                .max(Comparator.comparing(BaseBackup::endedAt))
                .map(BaseBackup::timeline);
    }

    /** The end of a sentence; empty without any. */
    private String unusable() {
        return facts.unusable().stream()
                .map(each -> "; base backup %s cannot be used: %s".formatted(each.id(), each.why()))
                .collect(Collectors.joining());
    }

    /** @param stop where replay must be able to stop; null when that does not limit the choice */
    @Nullable BaseBackup choose(@Nullable Lsn stop) {
        if (facts.backups().isEmpty()) {
            refuse(
                    FailureCode.NO_BASE_BACKUP,
                    "cannot recover %s: there is no base backup of system %s in the bucket; a pg_dump cannot replace one%s"
                            .formatted(input.cluster(), facts.systemId(), unusable()),
                    "take one with 'lifeboat start base-backup --cluster %s'".formatted(input.cluster()));
            return null;
        }
        return input.backup() == null ? newest(stop) : insistedOn(input.backup(), stop);
    }

    private @Nullable BaseBackup newest(@Nullable Lsn stop) {
        List<BaseBackup> usable =
                facts.backups().stream().filter(path::canStartFrom).toList();
        List<BaseBackup> before =
                usable.stream().filter(backup -> isBefore(backup, stop)).toList();
        // Not only the newest: one that was taken while a tablespace was made is no use, an older target's may be.
        Optional<BaseBackup> newest = before.stream()
                .filter(backup -> crossed(backup, stop).isEmpty())
                .max(Comparator.comparing(BaseBackup::endLsn));
        if (newest.isPresent()) {
            return newest.get();
        }
        if (!before.isEmpty()) {
            refuseCrossing(
                    before.stream()
                            .max(Comparator.comparing(BaseBackup::endLsn))
                            .orElseThrow(),
                    stop);
            return null;
        }
        Optional<BaseBackup> next = usable.stream().min(Comparator.comparing(BaseBackup::endLsn));
        refuse(
                FailureCode.NO_BASE_BACKUP_BEFORE_TARGET,
                "cannot recover %s to %s: of %s none ends before that on the way to timeline %d%s%s"
                        .formatted(
                                input.cluster(),
                                input.target().asTyped(),
                                ReportWords.count(facts.backups().size(), "base backup", "base backups"),
                                path.timeline(),
                                next.filter(this::contains)
                                        .map(backup -> "; it lies inside backup " + backup.id())
                                        .orElse(""),
                                unusable()),
                next.map(backup -> "nothing earlier can be reached; the nearest later time is %s, the end of backup %s"
                                .formatted(backup.endedAt(), backup.id()))
                        .orElse("'lifeboat backups %s' lists what exists".formatted(input.cluster())));
        return null;
    }

    private @Nullable BaseBackup insistedOn(String id, @Nullable Lsn stop) {
        Optional<BaseBackup> found = facts.backups().stream()
                .filter(backup -> backup.id().equals(id))
                .findFirst();
        if (found.isEmpty()) {
            refuse(
                    FailureCode.UNKNOWN_BACKUP,
                    "cannot recover %s from backup %s: there are %s%s"
                            .formatted(
                                    input.cluster(),
                                    id,
                                    facts.backups().stream().map(BaseBackup::id).collect(Collectors.joining(", ")),
                                    unusable()),
                    "leave '--backup' out, and the plan chooses the nearest one before the target");
            return null;
        }
        BaseBackup backup = found.get();
        if (!path.canStartFrom(backup)) {
            refuse(
                    FailureCode.UNKNOWN_TIMELINE,
                    "cannot recover %s from backup %s along timeline %d: the backup lies on timeline %d, off that way"
                            .formatted(input.cluster(), id, path.timeline(), backup.timeline()),
                    "say '--timeline %d', or leave '--backup' out".formatted(backup.timeline()));
            return null;
        }
        if (!isBefore(backup, stop)) {
            refuse(
                    FailureCode.TARGET_BEFORE_BACKUP,
                    "cannot recover %s to %s from backup %s: it was consistent only at %s (%s)"
                            .formatted(
                                    input.cluster(), input.target().asTyped(), id, backup.endedAt(), backup.endLsn()),
                    "pick a target from %s on, or leave '--backup' out".formatted(backup.endedAt()));
            return null;
        }
        if (!crossed(backup, stop).isEmpty()) {
            refuseCrossing(backup, stop);
            return null;
        }
        return backup;
    }

    /** Every tablespace that replaying from this backup would make anew at its original place. */
    private List<Creation> crossed(BaseBackup backup, @Nullable Lsn stop) {
        return path.crossed(facts.tablespaces().creations(), backup.startLsn(), stop == null ? backup.endLsn() : stop);
    }

    private void refuseCrossing(BaseBackup backup, @Nullable Lsn stop) {
        Creation first = crossed(backup, stop).get(0);
        String after = facts.backups().stream()
                .filter(path::canStartFrom)
                .filter(each -> !each.startLsn().isBefore(first.end()))
                .map(BaseBackup::endedAt)
                .min(Comparator.naturalOrder())
                .map(end -> "what lies after %s can be reached".formatted(end))
                .orElse("for what comes later take a base backup now: 'lifeboat start base-backup --cluster %s'"
                        .formatted(input.cluster()));
        refuse(
                FailureCode.TABLESPACE_CREATED,
                "cannot recover %s to %s from base backup %s: a tablespace was made in %s after it began (at %s), and replaying that would write to this very folder, where the live cluster keeps its files"
                        .formatted(
                                input.cluster(),
                                input.target().asTyped(),
                                backup.id(),
                                first.location(),
                                first.start()),
                "before it: '--target-lsn %s --exclusive' is the last that can be reached; after it: %s"
                        .formatted(first.start(), after));
    }

    /** By its place in the log: the times in its manifest are of a clock that may have been wrong when it was taken. */
    private boolean isBefore(BaseBackup backup, @Nullable Lsn stop) {
        if (stop != null) {
            return !backup.endLsn().isAfter(stop);
        }
        return !(input.target() instanceof AtTime at) || backup.endedAt().isBefore(at.time());
    }

    private boolean contains(BaseBackup backup) {
        return input.target() instanceof AtTime at
                && !at.time().isBefore(backup.startedAt())
                && !at.time().isAfter(backup.endedAt());
    }

    private void refuse(FailureCode code, String message, String hint) {
        refusals.accept(new RecoveryFailure(code, message, hint));
    }
}
