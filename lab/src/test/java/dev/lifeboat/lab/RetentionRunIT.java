package dev.lifeboat.lab;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.S3Object;

/** As little is kept as can be, by a worker that dies over it, and what is kept still brings every row back. */
@Tag("any-engine")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RetentionRunIT {

    private final World world = World.start(
            lab -> lab.postgres(postgres -> postgres.initdbOptions("--wal-segsize=1"))
                    .storeProxy()
                    .moreConfig(
                            """
                    retention:
                      dumps: { latest: 2, daily: 0, weekly: 0, monthly: 0, yearly: 0 }
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
        String first = ids("base-backup").get(0);
        List<String> early = world.archiveSegments(3);
        world.succeeds("start", "base-backup", "--cluster", Lab.CLUSTER);
        Instant moment = world.goodMoment();
        world.archiveSegments(2);
        JsonNode shown = expire();
        JsonNode report = backUpWhileAWorkerDiesOverTheOldest();

        World.assertPassed(withoutObjectives(report));
        assertThat(step(report, "expire-backups").path("state").asText()).isEqualTo("done");
        assertThat(step(report, "expire-backups").path("detail").asText())
                .startsWith("deleted 1 base backup, ")
                .contains("WAL segments", "expired-2.json");
        assertThat(report.path("findings")).isEmpty();
        assertThat(shown.at("/clusters/0/gone").findValuesAsText("id")).doesNotContain(first);
        assertThat(ids("base-backup")).hasSize(2).doesNotContain(first);
        assertThat(objects("postgres/base/"))
                .isNotEmpty()
                .noneMatch(key -> key.contains(first) || key.contains("proofs"));
        assertThat(archived()).doesNotContain(early.get(0)).isNotEmpty();
        theListIsEvidence(report, first);
        ofDumpsTheNewestTwoAreLeft();

        world.load().pause();
        world.recover("--target", moment.toString(), "--reason", "retention");
        world.assertRowsAt(moment);

        String pinned = ids("base-backup").get(0);
        world.succeeds("pin", pinned);
        assertThat(world.succeeds("backups", Lab.CLUSTER).output().lines())
                .anyMatch(line -> line.startsWith(pinned) && line.contains("pinned"));
        JsonNode applied =
                World.json(world.succeeds("expire", "--yes", "-o", "json").output());
        assertThat(applied.at("/clusters/0/blocked")).isEmpty();
        assertThat(ids("base-backup")).contains(pinned).hasSize(3);
    }

    /** When its chunks are to go; the store still does that, and the manifest is there. */
    private JsonNode backUpWhileAWorkerDiesOverTheOldest() {
        CompletableFuture<Void> killed = world.lab()
                .storeProxy()
                .onRequest(RetentionRunIT::deletes, 1, world.lab().worker()::kill);
        world.succeeds("start", "base-backup", "--cluster", Lab.CLUSTER, "--detach");
        killed.orTimeout(4, TimeUnit.MINUTES).join();
        world.lab().worker().start();
        JsonNode report = World.json(world.succeeds("watch", "base-backup/" + Lab.CLUSTER, "-o", "json")
                .output());
        assertThat(report.path("resumes").asInt()).isPositive();
        return report;
    }

    private static boolean deletes(String requestLine) {
        return requestLine.startsWith("POST ") && requestLine.contains("?delete");
    }

    private void ofDumpsTheNewestTwoAreLeft() {
        for (int i = 0; i < 3; i++) {
            world.succeeds("start", "daily-dump", "--cluster", Lab.CLUSTER);
        }
        List<String> dumps = objects("postgres/daily/");
        assertThat(dumps).hasSize(6);
        assertThat(dumps.stream().filter(key -> key.endsWith(".manifest.json"))).hasSize(2);
        assertThat(ids("dump")).hasSize(2);
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

        JsonNode decided = World.json(Files.readString(folder.resolve("expired-1.json")));
        assertThat(decided.path("toGo").findValuesAsText("id")).contains(gone);
        assertThat(decided.at("/toGo/0/why").asText()).contains("older than the recovery window");
        assertThat(decided.has("done")).isFalse();
        JsonNode finished = World.json(Files.readString(folder.resolve("expired-2.json")));
        assertThat(finished.at("/done/gone/0/id").asText()).isEqualTo(gone);
        assertThat(finished.at("/done/gone/0/why").asText()).contains("its deletion was begun");
        assertThat(Files.readString(folder.resolve("SHA256SUMS"))).contains("expired-1.json", "expired-2.json");
    }

    private static JsonNode step(JsonNode report, String id) {
        for (JsonNode step : report.path("steps")) {
            if (step.path("id").asText().equals(id)) {
                return step;
            }
        }
        throw new AssertionError("no step " + id + " in " + report.toPrettyString());
    }

    private List<String> ids(String kind) {
        List<String> ids = new ArrayList<>();
        for (JsonNode backup : World.json(
                        world.succeeds("backups", Lab.CLUSTER, "-o", "json").output())
                .path("backups")) {
            if (backup.path("kind").asText().equals(kind)) {
                ids.add(backup.path("id").asText());
            }
        }
        return ids;
    }

    /** The names of the segments in the bucket, as somebody sees them who looks behind Lifeboat's back. */
    private List<String> archived() {
        return objects("postgres/wal/").stream()
                .map(key -> key.replaceAll(".*/", "").replace(".zst", ""))
                .toList();
    }

    private List<String> objects(String below) {
        try (S3Client behind = world.lab().s3().client()) {
            return behind.listObjectsV2Paginator(list -> list.bucket(Lab.BUCKET).prefix(below)).contents().stream()
                    .map(S3Object::key)
                    .toList();
        }
    }
}
