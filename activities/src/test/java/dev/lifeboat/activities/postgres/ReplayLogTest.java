package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lifeboat.workflows.domain.postgres.Lsn;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class ReplayLogTest {

    @Test
    void aStopBeforeACommitIsReadWithItsTransactionAndTime() {
        ReplayLog log = parse(
                """
                2026-08-22 09:20:00.001 UTC [41] LOG:  starting PostgreSQL 15.18 on x86_64-pc-linux-gnu
                2026-08-22 09:20:00.100 UTC [44] LOG:  starting point-in-time recovery to 2026-08-22 09:15:00+00
                2026-08-22 09:20:00.200 UTC [44] LOG:  consistent recovery state reached at 0/2000138
                2026-08-22 09:20:01.000 UTC [44] LOG:  recovery stopping before commit of transaction 901, time 2026-08-22 09:15:00.310+00
                2026-08-22 09:20:01.001 UTC [44] LOG:  redo done at 0/5A0110 system usage: CPU: user: 0.00 s
                2026-08-22 09:20:01.002 UTC [44] LOG:  last completed transaction was at log time 2026-08-22 11:14:59.871+02
                2026-08-22 09:20:01.003 UTC [44] LOG:  selected new timeline ID: 2
                2026-08-22 09:20:01.004 UTC [44] LOG:  archive recovery complete
                """);

        assertThat(log.stop()).isNotNull().satisfies(stop -> {
            assertThat(stop.before()).isTrue();
            assertThat(stop.what()).isEqualTo("commit");
            assertThat(stop.value()).isEqualTo("901");
            assertThat(stop.time()).isEqualTo(Instant.parse("2026-08-22T09:15:00.310Z"));
        });
        assertThat(log.consistentAt()).isEqualTo(Lsn.parse("0/2000138"));
        assertThat(log.redoDone()).isEqualTo(Lsn.parse("0/5A0110"));
        assertThat(log.lastCompleted()).isEqualTo(Instant.parse("2026-08-22T09:14:59.871Z"));
        assertThat(log.newTimeline()).isEqualTo(2);
        assertThat(log.complete()).isTrue();
    }

    @Test
    void aStopAtAPositionARestorePointOrConsistencyIsToldApart() {
        assertThat(parse(line("recovery stopping after WAL location (LSN) \"16/B374D848\""))
                        .stop())
                .isNotNull()
                .satisfies(stop -> assertThat(stop.value()).isEqualTo("16/B374D848"))
                .satisfies(stop -> assertThat(stop.before()).isFalse());
        assertThat(parse(line("recovery stopping at restore point \"a \"\" b\", time 2026-08-22 09:15:00-03:30"))
                        .stop())
                .isNotNull()
                .satisfies(stop -> assertThat(stop.what()).isEqualTo("restore point"))
                .satisfies(stop -> assertThat(stop.time()).isEqualTo(Instant.parse("2026-08-22T12:45:00Z")));
        assertThat(parse(line("recovery stopping after reaching consistency")).stop())
                .isNotNull()
                .satisfies(stop -> assertThat(stop.what()).isEqualTo("consistency"));
    }

    @Test
    void anEndThatALaterStartRecoversAgainIsNone() {
        ReplayLog log = parse(
                """
                2026-08-22 09:20:00.100 UTC [44] LOG:  starting archive recovery
                2026-08-22 09:20:01.000 UTC [44] LOG:  recovery stopping after reaching consistency
                2026-08-22 09:20:01.003 UTC [44] LOG:  selected new timeline ID: 2
                2026-08-22 09:20:01.004 UTC [44] LOG:  archive recovery complete
                2026-08-22 09:21:00.001 UTC [51] LOG:  starting PostgreSQL 15.18 on x86_64-pc-linux-gnu
                2026-08-22 09:21:00.100 UTC [54] LOG:  starting point-in-time recovery to "here"
                """);

        assertThat(log.complete()).isFalse();
        assertThat(log.newTimeline()).isZero();
        assertThat(log.stop()).isNull();
    }

    @Test
    void anEndOutlastsALaterStartThatRecoversNothing() {
        ReplayLog log = parse(
                """
                2026-08-22 09:20:01.003 UTC [44] LOG:  selected new timeline ID: 2
                2026-08-22 09:20:01.004 UTC [44] LOG:  archive recovery complete
                2026-08-22 09:21:00.001 UTC [51] LOG:  starting PostgreSQL 15.18 on x86_64-pc-linux-gnu
                2026-08-22 09:21:00.100 UTC [54] LOG:  database system is ready to accept connections
                """);

        assertThat(log.complete()).isTrue();
        assertThat(log.newTimeline()).isEqualTo(2);
    }

    @Test
    void complaintsOfAnEarlierStartDoNotCount() {
        ReplayLog log = parse(
                """
                2026-08-22 09:20:00.001 UTC [41] LOG:  starting PostgreSQL 15.18 on x86_64-pc-linux-gnu
                2026-08-22 09:20:00.100 UTC [44] FATAL:  could not restore file "000000010000000000000004" from archive: child process exited with exit code 200
                2026-08-22 09:21:00.001 UTC [51] LOG:  starting PostgreSQL 15.18 on x86_64-pc-linux-gnu
                """);

        assertThat(log.complaints()).isEmpty();
    }

    @Test
    void aComplaintKeepsItsDetail() {
        ReplayLog log = parse(
                """
                2026-08-22 09:20:00.100 UTC [41] FATAL:  data directory "/x" has invalid permissions
                2026-08-22 09:20:00.100 UTC [41] DETAIL:  Permissions should be u=rwx (0700) or u=rwx,g=rx (0750).
                2026-08-22 09:20:00.100 UTC [41] LOG:  database system is shut down
                2026-08-22 09:20:00.100 UTC [41] DETAIL:  of another line
                """);

        assertThat(log.lastComplaint())
                .contains("FATAL: data directory \"/x\" has invalid permissions; "
                        + "Permissions should be u=rwx (0700) or u=rwx,g=rx (0750).");
    }

    @Test
    void whatAnotherProcessPrintsBetweenIsPassedOver() {
        ReplayLog log = parse("cp: cannot stat 'x'\nLOG:  archive recovery complete\n" + line("redo is not required"));

        assertThat(log.complete()).isFalse();
    }

    private static String line(String text) {
        return "2026-08-22 09:20:01.000 UTC [44] LOG:  " + text;
    }

    private static ReplayLog parse(String text) {
        return ReplayLog.parse(text.lines().toList());
    }
}
