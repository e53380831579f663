package dev.lifeboat.activities.postgres;

import dev.lifeboat.workflows.contract.evidence.Check;
import dev.lifeboat.workflows.contract.evidence.Verdict;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Whether a dump has become so small that its database has probably lost something. */
final class DumpShrink {

    static final Duration DAYS = Duration.ofDays(7);

    private DumpShrink() {}

    /**
     * Two checks: that its size is no less than half of the average of the last seven days, and that it has tables where the
     * one before had some. What there is nothing to compare with is not measured.
     *
     * @param others dumps of the same database, in any order; it may be among them
     */
    static List<Check> checks(DumpManifest dump, List<DumpManifest> others) {
        List<DumpManifest> earlier = others.stream()
                .filter(other -> other.startedAt().isBefore(dump.startedAt()))
                .sorted(Comparator.comparing(DumpManifest::startedAt))
                .toList();
        return List.of(size(dump, earlier), tables(dump, earlier));
    }

    private static Check size(DumpManifest dump, List<DumpManifest> earlier) {
        String name = dump.database() + ": size";
        List<DumpManifest> lately = earlier.stream()
                .filter(other -> !other.startedAt().isBefore(dump.startedAt().minus(DAYS)))
                .toList();
        if (lately.isEmpty()) {
            return new Check(
                    name, "no less than half of the last 7 days", "no dump of these days", Verdict.NOT_MEASURED);
        }
        // Half of the average, without a fraction being lost.
        double average =
                lately.stream().mapToLong(DumpManifest::bytes).average().orElse(0);
        return Check.of(
                name,
                "at least %s, half of the average of the last 7 days"
                        .formatted(Bytes.text((long) Math.ceil(average / 2))),
                Bytes.text(dump.bytes()),
                dump.bytes() * 2.0 >= average);
    }

    private static Check tables(DumpManifest dump, List<DumpManifest> earlier) {
        String name = dump.database() + ": tables";
        int now = dump.facts().tables().size();
        Optional<Integer> before = earlier.isEmpty()
                ? Optional.empty()
                : Optional.of(earlier.get(earlier.size() - 1).facts().tables().size());
        String expected = before.filter(number -> number > 0)
                .map(number -> "some, as the %d before".formatted(number))
                .orElse("any number");
        return Check.of(name, expected, Integer.toString(now), now > 0 || before.orElse(0) == 0);
    }
}
