package dev.lifeboat.workflows.runbook.dailydump;

import dev.lifeboat.workflows.contract.evidence.Check;
import dev.lifeboat.workflows.contract.evidence.Finding;
import dev.lifeboat.workflows.contract.postgres.StepOutcome;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import dev.lifeboat.workflows.runbook.FailureTranslator;
import dev.lifeboat.workflows.runbook.StepId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** What went wrong with single databases while the run went on with the others. */
final class DumpFailures {

    private record Failed(StepId step, String database, FailureTranslator.Read why) {}

    private final List<Failed> all = new ArrayList<>();

    /** What the step says of this database. */
    StepOutcome note(StepId step, String database, FailureTranslator.Read why) {
        all.add(new Failed(step, database, why));
        boolean dumping = step == DailyDumpStep.DUMP_DATABASES;
        return StepOutcome.of(database + ": " + why.code(), "")
                .withChecks(List.of(Check.of(
                        database + (dumping ? ": dump" : ": read back"),
                        dumping ? "a dump in the bucket" : "as it was written",
                        why.code() + ": " + why.message(),
                        false)))
                .withFindings(List.of(new Finding(
                        "high",
                        "database %s %s: %s"
                                .formatted(database, dumping ? "was not dumped" : "has no good dump", why.message()),
                        why.hint())));
    }

    StepId firstStep() {
        return all.get(0).step();
    }

    /** Why the run has failed; empty when it has not. */
    Optional<RecoveryFailure> summary(int databases) {
        if (all.isEmpty()) {
            return Optional.empty();
        }
        FailureTranslator.Read first = all.get(0).why();
        if (all.size() == 1) {
            return Optional.of(new RecoveryFailure(
                    first.code(), "database %s: %s".formatted(all.get(0).database(), first.message()), first.hint()));
        }
        String each = all.stream()
                .map(failed -> failed.database() + ": " + failed.why().message())
                .collect(Collectors.joining("; "));
        return Optional.of(new RecoveryFailure(
                first.code(),
                "%d of %d databases have no good dump: %s".formatted(all.size(), databases, each),
                "the report's findings say for each what to do"));
    }
}
