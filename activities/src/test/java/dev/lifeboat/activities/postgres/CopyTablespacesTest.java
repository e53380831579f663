package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lifeboat.workflows.contract.postgres.RecoveryPlan.Directories;
import dev.lifeboat.workflows.contract.postgres.RecoveryPlan.TablespacePlace;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CopyTablespacesTest {

    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private RecoveryWorkspace workspace;
    private CopyTablespaces tablespaces;
    private Path place;

    @BeforeEach
    void aCopyWithOneTablespace(@TempDir Path temporary) throws IOException {
        folder = temporary;
        place = folder.resolve("fast/lifeboat-main/recovery");
        workspace = new RecoveryWorkspace(
                new Directories(
                        folder.resolve("live").toString(),
                        folder.resolve("work/data").toString(),
                        folder.resolve("work").toString(),
                        0,
                        List.of(new TablespacePlace(
                                "16390", "fast", folder.resolve("fast").toString(), place.toString()))),
                new ServerUser(null));
        Files.createDirectories(workspace.copy().resolve("pg_tblspc"));
        tablespaces = new CopyTablespaces(workspace);
    }

    @Test
    void linksAndTheMapThatTheServerMakesLinksFromLeadToTheCopysOwnPlace() throws IOException {
        Files.writeString(workspace.copy().resolve("tablespace_map"), "16390 " + folder.resolve("fast") + "\n");

        tablespaces.link();
        tablespaces.link();

        assertThat(workspace.copy().resolve("pg_tblspc/16390")).isSymbolicLink();
        assertThat(Files.readSymbolicLink(workspace.copy().resolve("pg_tblspc/16390")))
                .isEqualTo(place);
        assertThat(workspace.copy().resolve("tablespace_map")).hasContent("16390 " + place);
        tablespaces.requireOwn();
    }

    @Test
    void aMapThatNamesAPlaceOfTheOriginalKeepsTheCopyFromBeingStarted() throws IOException {
        tablespaces.link();
        Files.writeString(workspace.copy().resolve("tablespace_map"), "16390 " + folder.resolve("fast") + "\n");

        assertThatThrownBy(tablespaces::requireOwn)
                .isInstanceOfSatisfying(RecoveryFailure.class, failure -> assertThat(failure.code())
                        .isEqualTo(FailureCode.COPY_POINTS_AT_LIVE))
                .hasMessageContaining("leads to " + folder.resolve("fast"));
    }

    @Test
    void aLinkOfATablespaceThatThePlanDoesNotKnowKeepsTheCopyFromBeingStarted() throws IOException {
        tablespaces.link();
        Files.createSymbolicLink(workspace.copy().resolve("pg_tblspc/16400"), folder.resolve("new"));

        assertThatThrownBy(tablespaces::requireOwn).hasMessageContaining("tablespace 16400 leads to");
    }

    @Test
    void aMapWithATablespaceThatHasNoPlaceIsRefused() throws IOException {
        Files.writeString(workspace.copy().resolve("tablespace_map"), "16400 /srv/other\n");

        assertThatThrownBy(tablespaces::link).hasMessageContaining("names tablespace 16400");
    }

    @Test
    void whatWasMadeIsRemovedAndWhatIsKeptBesideItStays() throws IOException {
        workspace.write("copy-begun", "");
        tablespaces.begin(true);
        Files.writeString(place.resolve("file"), "x");
        Path kept = Files.createDirectories(place.resolveSibling("before-20260101T000000Z"));
        for (Path each : List.of(workspace.wal(), workspace.want(), workspace.absent(), workspace.restoredChunks())) {
            Files.createDirectories(each);
        }

        workspace.discardCopy();

        assertThat(place).doesNotExist();
        assertThat(kept).exists();
        assertThat(workspace.has(CopyTablespaces.NOTE)).isFalse();
    }

    @Test
    void aPlaceThatSomebodyElseFilledIsLeftAlone() throws IOException {
        Files.createDirectories(place);
        Files.writeString(place.resolve("file"), "x");

        assertThatThrownBy(() -> tablespaces.begin(true)).hasMessageContaining("is not empty");
        assertThat(workspace.has(CopyTablespaces.NOTE)).isFalse();
    }

    @Test
    void aPathWithALineBreakComesThroughTheMapAsItIs() {
        String odd = "/srv/a\nb\\c d";

        assertThat(CopyTablespaces.parse("16390 " + CopyTablespaces.escaped(odd) + "\n16391 /x\n"))
                .containsEntry("16390", odd)
                .containsEntry("16391", "/x");
    }
}
