package dev.lifeboat.activities.postgres;

import dev.lifeboat.activities.postgres.RetentionFacts.DumpFact;
import dev.lifeboat.config.LifeboatConfig.Generations;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.IsoFields;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.ToIntFunction;

/**
 * Grandfather, father, son: of each of the last days, weeks, months and years that have any dump the newest one. In UTC;
 * weeks are those of ISO 8601.
 */
enum Generation {
    DAILY(Generations::daily, LocalDate::toString),
    WEEKLY(
            Generations::weekly,
            day -> String.format(
                    Locale.ROOT,
                    "%04d-W%02d",
                    day.get(IsoFields.WEEK_BASED_YEAR),
                    day.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR))),
    MONTHLY(Generations::monthly, day -> day.toString().substring(0, 7)),
    YEARLY(Generations::yearly, day -> day.toString().substring(0, 4));

    private final ToIntFunction<Generations> number;
    private final Function<LocalDate, String> period;

    Generation(ToIntFunction<Generations> number, Function<LocalDate, String> period) {
        this.number = number;
        this.period = period;
    }

    /** @param dumps of one database, oldest first; a reason is added for each that stays */
    static void keep(Map<DumpFact, Set<String>> dumps, Generations generations) {
        for (Generation generation : values()) {
            TreeMap<String, DumpFact> newest = new TreeMap<>();
            dumps.keySet().forEach(dump -> newest.put(generation.periodOf(dump), dump));
            List<String> last = newest.descendingKeySet().stream()
                    .limit(generation.number.applyAsInt(generations))
                    .toList();
            for (String period : last) {
                DumpFact dump = newest.get(period);
                if (dump != null) {
                    RetentionPlan.reasons(dumps, dump)
                            .add("%s of %s".formatted(generation.name().toLowerCase(Locale.ROOT), period));
                }
            }
        }
    }

    private String periodOf(DumpFact dump) {
        return period.apply(dump.startedAt().atOffset(ZoneOffset.UTC).toLocalDate());
    }
}
