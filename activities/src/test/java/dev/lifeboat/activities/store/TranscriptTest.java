package dev.lifeboat.activities.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TranscriptTest {

    private static final Clock NOON = Clock.fixed(Instant.parse("2026-08-22T12:00:00.120Z"), ZoneOffset.UTC);

    private final Transcript transcript = new Transcript(new Masks(List.of("s3cr3t-canary", "pg")), NOON);

    @AfterEach
    void forget() {
        Transcript.clearCurrent();
    }

    @Test
    void whatIsSaidHasAUtcTimeAndWhatIsQuotedIsIndented() {
        transcript.say("runs as postgres: pg_ctl stop");
        transcript.repeat("it exited with 0 after 12 ms", "server stopped\nreally\n");

        assertThat(transcript.text())
                .isEqualTo(
                        """
                        2026-08-22T12:00:00.120Z  runs as postgres: pg_ctl stop
                        2026-08-22T12:00:00.120Z  it exited with 0 after 12 ms
                            | server stopped
                            | really
                        """);
    }

    @Test
    void nobodyListensWhereNoAttemptIsLogged() {
        Transcript.note("into the void");

        transcript.makeCurrent();
        Transcript.note("heard");

        assertThat(Transcript.isKept()).isTrue();
        assertThat(transcript.text()).contains("heard").doesNotContain("void");
    }

    @Test
    void aLoopThatWaitsIsCounted() {
        transcript.say("no login");
        transcript.say("no login");
        transcript.say("no login");
        transcript.say("logged in");

        assertThat(transcript.text().lines())
                .containsExactly(
                        "2026-08-22T12:00:00.120Z  no login",
                        "    (the same 2 more times, the last at 2026-08-22T12:00:00.120Z)",
                        "2026-08-22T12:00:00.120Z  logged in");
    }

    @Test
    void theBeginningAndTheEndOfTooMuchAreKeptAndTheGapIsSaid() {
        for (int i = 0; i < 20_000; i++) {
            transcript.say("line " + i + " of very many");
        }

        assertThat(transcript.text())
                .hasSizeLessThan(260 * 1024)
                .contains("line 0 of", "line 19999 of")
                .doesNotContain("line 9000 of")
                .containsPattern("\\[\\.\\.\\. \\d+ lines, \\d+ bytes are left out here \\.\\.\\.]");
    }

    @Test
    void oneLongQuoteDoesNotPushOutTheRest() {
        transcript.say("before");
        transcript.repeat("pg_amcheck", "damage\n".repeat(100_000) + "the end");
        transcript.say("after");

        assertThat(transcript.text())
                .hasSizeLessThan(80 * 1024)
                .contains("before", "left out here", "the end", "after");
    }

    @Test
    void oneLongLineIsCutAndControlCharactersAreNotKept() {
        transcript.say("x".repeat(9_000) + "\u001b[31m");

        assertThat(transcript.text())
                .contains("[... 1005 characters are left out here]")
                .doesNotContain("\u001b");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '#',
            quoteCharacter = '`',
            value = {
                "psql postgres://app:hunter2@db/shop    # psql postgres://app:***@db/shop",
                "PGPASSWORD=hunter2 psql                # PGPASSWORD=*** psql",
                "password = 'hunter 2' port=5432        # password = *** port=5432",
                "alter role app password 'hunter2'      # alter role app password ***",
                "{\"secret_key\": \"hunter2\"}          # {\"secret_key\": ***}",
                "the value s3cr3t-canary itself         # the value *** itself",
                "alter database shop set app.id = hunter # alter database shop set app.id = ***",
                "ALTER DATABASE s SET \"a\".\"b c\" TO 'h''hunter'; x # ALTER DATABASE s SET \"a\".\"b c\" TO ***; x",
                "ALTER ROLE r IN DATABASE s SET a TO E'\\'hunter', hunter; # ALTER ROLE r IN DATABASE s SET a TO ***;",
                "alter role r in database \"set a to b\" set x to 'hunter # alter role r in database \"set a to b\" set x to ***",
                "invalid value for parameter \"a\": \"hunter\" # invalid value for parameter \"a\": ***",
                "alter database s set tablespace fast    # alter database s set tablespace fast",
                "ALTER DATABASE s SET a TO 'hunter'; select 1 # ALTER DATABASE s SET a TO ***; select 1",
                "pg_ctl --no-password -D /data          # pg_ctl --no-password -D /data",
            })
    void secretsAreHidden(String said, String written) {
        transcript.repeat("a tool", said.strip());
        transcript.say(said.strip());

        assertThat(transcript.text().lines().map(String::strip))
                .contains("| " + written)
                .contains("2026-08-22T12:00:00.120Z  " + written)
                .noneMatch(line -> line.contains("hunter") || line.contains("canary"));
    }
}
