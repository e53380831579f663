package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lifeboat.activities.postgres.SwapJournal.Next;
import dev.lifeboat.activities.postgres.SwapJournal.OnDisk;
import org.junit.jupiter.api.Test;

class TablespaceMoveTest {

    private static final OnDisk OLD_ONLY = new OnDisk(true, false, false);
    private static final OnDisk ASIDE = new OnDisk(false, false, true);
    private static final OnDisk NOTHING = new OnDisk(false, false, false);

    @Test
    void oneOfBothMovesAsTheDataDirectoriesDo() {
        OnDisk untouched = new OnDisk(true, true, false);

        assertThat(TablespaceMove.next(true, true, untouched)).isEqualTo(Next.MOVE_LIVE_ASIDE);
        assertThat(TablespaceMove.nextBack(true, true, new OnDisk(true, false, true)))
                .isEqualTo(Next.MOVE_COPY_OUT);
    }

    @Test
    void oneThatTheCopyDoesNotHaveIsOnlySetAside() {
        assertThat(TablespaceMove.next(true, false, OLD_ONLY)).isEqualTo(Next.MOVE_LIVE_ASIDE);
        assertThat(TablespaceMove.next(true, false, ASIDE)).isEqualTo(Next.DONE);
        assertThat(TablespaceMove.nextBack(true, false, ASIDE)).isEqualTo(Next.MOVE_LIVE_BACK);
        assertThat(TablespaceMove.nextBack(true, false, OLD_ONLY)).isEqualTo(Next.DONE);
    }

    @Test
    void whatSomebodyElseMadeOrRemovedIsNotGuessedAt() {
        assertThat(TablespaceMove.next(true, false, NOTHING)).isEqualTo(Next.UNCLEAR);
        assertThat(TablespaceMove.next(true, false, new OnDisk(true, false, true)))
                .isEqualTo(Next.UNCLEAR);
        assertThat(TablespaceMove.nextBack(true, false, NOTHING)).isEqualTo(Next.UNCLEAR);
        assertThat(TablespaceMove.nextBack(false, false, ASIDE)).isEqualTo(Next.UNCLEAR);
    }
}
