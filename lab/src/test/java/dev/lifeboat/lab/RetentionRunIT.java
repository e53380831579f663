package dev.lifeboat.lab;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import software.amazon.awssdk.services.s3.S3Client;

/** As little is kept as can be, and what is kept still brings every row back. */
@Tag("any-engine")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RetentionRunIT {

    private final World world = World.start(
            lab -> lab.postgres(postgres -> postgres.initdbOptions("--wal-segsize=1"))
                    .moreConfig(
                            """
                    retention:
                      base-backups: { latest: 2, window: PT0S }
                      wal: { beyond-oldest: PT0S }
                      grace: PT0S
                    """));

    @AfterAll
    void end() {
        world.close();
    }

    @Test
    void afterEachBackupTheOldOnesGoAndARecoveryFromWhatIsLeftIsExact() throws IOException {
        String first = ids().get(0);
        List<String> early = world.archiveSegments(3);
        world.succeeds("start", "base-backup", "--cluster", Lab.CLUSTER);
        Instant moment = world.goodMoment();
        world.archiveSegments(2);
        JsonNode shown = expire();
        JsonNode report = World.json(world.succeeds("start", "base-backup", "--cluster", Lab.CLUSTER, "-o", "json")
                .output());

        World.assertPassed(withoutObjectives(report));
        assertThat(step(report, "expire-backups").path("state").asText()).isEqualTo("done");
        assertThat(step(report, "expire-backups").path("detail").asText())
                .startsWith("deleted 1 base backup, ")
                .contains("WAL segments", "expired-1.json");
        assertThat(report.path("findings")).isEmpty();
        assertThat(shown.at("/clusters/0/gone").findValuesAsText("id")).doesNotContain(first);
        assertThat(ids()).hasSize(2).doesNotContain(first);
        assertThat(archived()).doesNotContain(early.get(0)).isNotEmpty();
        theListIsEvidence(report, first);

        world.load().pause();
        world.recover("--target", moment.toString(), "--reason", "retention");
        world.assertRowsAt(moment);

        String pinned = ids().get(0);
        world.succeeds("pin", pinned);
        assertThat(world.succeeds("backups", Lab.CLUSTER).output().lines())
                .anyMatch(line -> line.startsWith(pinned) && line.contains("pinned"));
        JsonNode applied =
                World.json(world.succeeds("expire", "--yes", "-o", "json").output());
        assertThat(applied.at("/clusters/0/blocked")).isEmpty();
        assertThat(ids()).contains(pinned).hasSize(3);
    }

    private JsonNode expire() {
        return World.json(world.succeeds("expire", "-o", "json").output());
    }

    /** A backup measures no recovery. */
    private static JsonNode withoutObjectives(JsonNode report) {
        ObjectNode copy = report.deepCopy();
        ObjectNode verdicts = (ObjectNode) copy.path("verdicts");
        verdicts.put("rto", "pass").put("rpo", "pass");
        return copy;
    }

    private void theListIsEvidence(JsonNode report, String gone) throws IOException {
        Path folder = world.newCopy("evidence");
        world.succeeds("report", report.path("run").asText(), "--output-dir", folder.toString());

        JsonNode list = World.json(Files.readString(folder.resolve("expired-1.json")));
        assertThat(list.path("toGo").findValuesAsText("id")).contains(gone);
        assertThat(list.at("/done/gone/0/why").asText()).contains("older than the recovery window");
        assertThat(Files.readString(folder.resolve("SHA256SUMS"))).contains("expired-1.json");
    }

    private static JsonNode step(JsonNode report, String id) {
        for (JsonNode step : report.path("steps")) {
            if (step.path("id").asText().equals(id)) {
                return step;
            }
        }
        throw new AssertionError("no step " + id + " in " + report.toPrettyString());
    }

    private List<String> ids() {
        return World.json(world.succeeds("backups", Lab.CLUSTER, "-o", "json").output())
                .path("backups")
                .findValuesAsText("id");
    }

    /** The names of the segments in the bucket, as somebody sees them who looks behind Lifeboat's back. */
    private List<String> archived() {
        try (S3Client behind = world.lab().s3().client()) {
            return behind
                    .listObjectsV2Paginator(list -> list.bucket(Lab.BUCKET).prefix("postgres/wal/"))
                    .contents()
                    .stream()
                    .map(object -> object.key().replaceAll(".*/", "").replace(".zst", ""))
                    .toList();
        }
    }
}
