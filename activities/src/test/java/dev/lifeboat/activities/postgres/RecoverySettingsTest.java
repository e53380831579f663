package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lifeboat.workflows.contract.postgres.Placement;
import dev.lifeboat.workflows.domain.postgres.Lsn;
import dev.lifeboat.workflows.domain.postgres.RecoveryTarget;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RecoverySettingsTest {

    @Test
    void aCopyListensOnNothingButItsPrivateSocketAndLogsToItsOwnFile() {
        Map<String, String> settings = settings(new RecoveryTarget.Latest(), Placement.IN_PLACE);

        assertThat(settings)
                .containsEntry("data_directory", "/x/work/data")
                .containsEntry("listen_addresses", "")
                .containsEntry("unix_socket_directories", "/tmp/s")
                .containsEntry("external_pid_file", "")
                .containsEntry("logging_collector", "off")
                .containsEntry("max_worker_processes", "0")
                .containsEntry("synchronous_standby_names", "")
                .containsEntry("hot_standby", "off");
    }

    @Test
    void onlyACopyThatWillBeAcceptedMarksWhatItWillArchive() {
        assertThat(settings(new RecoveryTarget.Latest(), Placement.IN_PLACE))
                .containsEntry("archive_mode", "on")
                .containsEntry("archive_command", "exit 1");
        assertThat(settings(new RecoveryTarget.Latest(), Placement.DRILL)).containsEntry("archive_mode", "off");
        assertThat(settings(new RecoveryTarget.Latest(), Placement.INTO)).containsEntry("archive_mode", "off");
    }

    @Test
    void theTargetIsTheLastSettingAndEveryOtherTargetIsCleared() {
        Map<String, String> settings =
                settings(new RecoveryTarget.AtTime(Instant.parse("2026-08-22T09:15:00.123456789Z")), Placement.DRILL);
        List<String> names = new ArrayList<>(settings.keySet());

        assertThat(names.get(names.size() - 1)).isEqualTo("recovery_target_time");
        assertThat(settings)
                .containsEntry("recovery_target_time", "2026-08-22 09:15:00.123456+00")
                .containsEntry("recovery_target_name", "")
                .containsEntry("recovery_target", "")
                .containsEntry("recovery_target_timeline", "2")
                .containsEntry("recovery_target_inclusive", "on")
                .containsEntry("recovery_target_action", "promote");
        assertThat(settings(new RecoveryTarget.Immediate(), Placement.DRILL))
                .containsEntry("recovery_target", "immediate");
    }

    /** In Berlin both are half past two in the night of the 25th of October. */
    @Test
    void inTheHourThatHappensTwiceTheServerIsToldWhichOneIsMeant() {
        assertThat(last(new RecoveryTarget.AtTime(Instant.parse("2026-10-25T02:30:00+02:00"))))
                .isEqualTo("recovery_target_time=2026-10-25 00:30:00.000000+00");
        assertThat(last(new RecoveryTarget.AtTime(Instant.parse("2026-10-25T02:30:00+01:00"))))
                .isEqualTo("recovery_target_time=2026-10-25 01:30:00.000000+00");
        assertThat(ReplayLog.time("2026-10-25 02:30:00.5+02")).isEqualTo(Instant.parse("2026-10-25T00:30:00.5Z"));
        assertThat(ReplayLog.time("2026-10-25 02:30:00.5+01")).isEqualTo(Instant.parse("2026-10-25T01:30:00.5Z"));
    }

    /** With none set the copy would be promoted where the archive ends. */
    @Test
    void everyKindOfTargetIsSetUnderItsOwnName() {
        assertThat(last(new RecoveryTarget.AtLsn(Lsn.parse("16/B374D848"))))
                .isEqualTo("recovery_target_lsn=16/B374D848");
        assertThat(last(new RecoveryTarget.AtXid(4_000_000_000L))).isEqualTo("recovery_target_xid=4000000000");
        assertThat(last(new RecoveryTarget.AtRestorePoint("before_release")))
                .isEqualTo("recovery_target_name=before_release");
        assertThat(last(new RecoveryTarget.Immediate())).isEqualTo("recovery_target=immediate");
        assertThat(last(new RecoveryTarget.Latest())).endsWith("=");
    }

    @Test
    void limitsAreTheSettingsThatReplayMustNotHaveSmaller() {
        assertThat(RecoverySettings.capacity(settings(new RecoveryTarget.Latest(), Placement.DRILL)))
                .containsOnly(
                        Map.entry("max_connections", "300"),
                        Map.entry("max_prepared_transactions", "20"),
                        Map.entry("max_locks_per_transaction", "128"));
    }

    private static String last(RecoveryTarget target) {
        List<String> arguments = RecoverySettings.asArguments(settings(target, Placement.DRILL));
        assertThat(arguments.get(arguments.size() - 2)).isEqualTo("-c");
        return arguments.get(arguments.size() - 1);
    }

    @Test
    void whatThePrimaryHadIsTheLeastThatTheCopyHas() {
        assertThat(settings(new RecoveryTarget.Latest(), Placement.DRILL))
                .containsEntry("max_connections", "300")
                .containsEntry("max_locks_per_transaction", "128")
                .containsEntry("max_prepared_transactions", "20");
    }

    private static Map<String, String> settings(RecoveryTarget target, Placement placement) {
        var plan = TestPlans.plan(target, null, placement, Path.of("/x"));
        ControlFile control = new ControlFile(Map.of(
                "max_connections setting", "300",
                "max_prepared_xacts setting", "20",
                "max_locks_per_xact setting", "128"));
        return RecoverySettings.of(
                plan,
                new RecoverySettings.Surroundings(
                        new RecoveryWorkspace(plan.directories(), new ServerUser(null)),
                        Path.of("/x/work/data/postgresql.conf"),
                        Path.of("/tmp/s"),
                        control,
                        "",
                        1024,
                        1024));
    }
}
