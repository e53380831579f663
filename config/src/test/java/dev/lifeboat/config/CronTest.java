package dev.lifeboat.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CronTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "30 1 * * *      | 2026-11-26T01:29:59Z | 2026-11-26T01:30:00Z",
                "30 1 * * *      | 2026-11-26T01:30:00Z | 2026-11-27T01:30:00Z",
                "0 4 1 * *       | 2026-11-26T08:00:00Z | 2026-12-01T04:00:00Z",
                "0 4 31 * *      | 2026-11-26T08:00:00Z | 2026-12-31T04:00:00Z",
                "0 0 29 2 *      | 2096-03-01T00:00:00Z | 2104-02-29T00:00:00Z",
                "*/15 * * * *    | 2026-11-26T08:46:00Z | 2026-11-26T09:00:00Z",
                "10/20 22 * * *  | 2026-11-26T22:11:00Z | 2026-11-26T22:30:00Z",
                "0 3 * * sun     | 2026-11-26T00:00:00Z | 2026-11-29T03:00:00Z",
                "0 3 * * 7       | 2026-11-26T00:00:00Z | 2026-11-29T03:00:00Z",
                "0 3 * * MON-fri | 2026-11-27T03:00:00Z | 2026-11-30T03:00:00Z",
                "0 3 * * fri-7   | 2026-11-29T03:00:00Z | 2026-12-04T03:00:00Z",
                "5,50 6-8/2 * jan * | 2026-11-26T00:00:00Z | 2027-01-01T06:05:00Z",
            })
    void theNextStartIsTheFirstOneAfterAMoment(String cron, Instant after, Instant next) {
        assertThat(Cron.parse(cron).next(after)).contains(next);
        assertThat(Cron.parse(cron).previous(next.plusSeconds(59))).contains(next);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0 2 * *            | must have five fields",
                "0 0 2 * * *        | must have five fields",
                "@daily             | must have five fields",
                "60 2 * * *         | has a wrong minute '60': it must lie between 0 and 59",
                "0 24 * * *         | has a wrong hour '24': it must lie between 0 and 23",
                "0 2 0 * *          | has a wrong day of the month '0': it must lie between 1 and 31",
                "0 2 * 13 *         | has a wrong month '13'",
                "0 2 * * 8          | has a wrong day of the week '8': it must lie between 0 and 7",
                "0 2 * * fri-mon    | has a wrong day of the week 'fri-mon'",
                "0 2 * * funday     | has a wrong day of the week 'funday'",
                "0 5-1 * * *        | has a wrong hour '5-1'",
                "*/0 2 * * *        | has a wrong minute",
                "*/5/5 2 * * *      | has a wrong minute '*/5/5'",
                "-5 2 * * *         | has a wrong minute '-5'",
                "1, 2 * * *         | has a wrong minute",
                "0 2 ? * *          | has a wrong day of the month: it must",
                "0 2 L * *          | has a wrong day of the month 'l'",
                "0 2 1 * mon        | names both days of the month and days of the week",
                "0 2 30 2 *         | names a date that no year has",
            })
    void whatTemporalWouldNotStartAsItIsMeantIsRefusedInWords(String cron, String words) {
        assertThatThrownBy(() -> Cron.parse(cron))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(words);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "30  01 *   * *      | 30 1 * * *",
                "0 2 * jan-dec 0-7   | 0 2 * * *",
                "0,15,30,45 * * * *  | */15 * * * *",
                "0 1,2,3 * * 5,6,7   | 0 1-3 * * 0,5-6",
                "7-59/10 2,9 1-31 * * | 7-57/10 2,9 * * *",
            })
    void twoWaysOfWritingTheSameAreEqual(String one, String other) {
        assertThat(Cron.parse(one)).isEqualTo(Cron.parse(other)).hasToString(other);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"* * * * * | PT1M", "0 2,14 * * * | PT12H", "0 2,3 1 * * | PT1H", "0 4 1 * * | PT672H"})
    void theShortestPauseBoundsTheJitter(String cron, Duration pause) {
        assertThat(Cron.parse(cron).shortestPause()).isEqualTo(pause);
    }

    @Property(tries = 300)
    void whatIsPrintedIsReadAgainAsTheSame(@ForAll("crons") String text) {
        Cron cron = Cron.parse(text);

        assertThat(Cron.parse(cron.toString())).isEqualTo(cron);
    }

    /** Two values and a gap: nothing else is printed in so many characters. */
    @Test
    void theLongestThatIsPrintedIsReadAgainToo() {
        whatIsPrintedIsReadAgainAsTheSame("0-59/3,1-59/3 0-23/3,1-23/3 1-31/3,2-31/3 1-12/3,2-12/3 *");
    }

    /** Minute by minute, which nobody would do but a test. */
    @Property(tries = 100)
    void noStartIsLeftOut(@ForAll("crons") String text, @ForAll("moments") Instant after) {
        Cron cron = Cron.parse(text);
        Instant at = after.truncatedTo(ChronoUnit.MINUTES).plus(1, ChronoUnit.MINUTES);
        while (!matches(cron, at)) {
            at = at.plus(1, ChronoUnit.MINUTES);
        }

        assertThat(cron.next(after)).contains(at);
        assertThat(cron.next(at).orElseThrow()).isAfter(at);
        assertThat(cron.previous(at)).contains(at);
    }

    private static boolean matches(Cron cron, Instant time) {
        var utc = time.atOffset(ZoneOffset.UTC);
        return cron.values(Cron.Field.MINUTE).contains(utc.getMinute())
                && cron.values(Cron.Field.HOUR).contains(utc.getHour())
                && cron.values(Cron.Field.DAY_OF_MONTH).contains(utc.getDayOfMonth())
                && cron.values(Cron.Field.MONTH).contains(utc.getMonthValue())
                && cron.values(Cron.Field.DAY_OF_WEEK)
                        .contains(utc.getDayOfWeek().getValue() % 7);
    }

    @Provide
    Arbitrary<Instant> moments() {
        return Arbitraries.longs().between(1_700_000_000L, 2_000_000_000L).map(Instant::ofEpochSecond);
    }

    @Provide
    Arbitrary<String> crons() {
        return Combinators.combine(
                        field(0, 59),
                        field(0, 23),
                        field(1, 28),
                        field(1, 12),
                        field(0, 6),
                        Arbitraries.of(true, false))
                .as((minute, hour, day, month, weekday, byWeek) ->
                        String.join(" ", minute, hour, byWeek ? "*" : day, month, byWeek ? weekday : "*"));
    }

    private static Arbitrary<String> field(int least, int most) {
        Arbitrary<Integer> value = Arbitraries.integers().between(least, most);
        Arbitrary<String> range = Combinators.combine(
                        value, value, Arbitraries.integers().between(1, 9))
                .as((a, b, step) -> Math.min(a, b) + "-" + Math.max(a, b) + (step == 1 ? "" : "/" + step));
        Arbitrary<String> part = Arbitraries.oneOf(value.map(String::valueOf), range, Arbitraries.of("*/7", "*/2"));
        return Arbitraries.oneOf(
                Arbitraries.of("*"), part, part.list().ofMinSize(1).ofMaxSize(3).map(parts -> String.join(",", parts)));
    }
}
