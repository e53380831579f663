package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lifeboat.activities.postgres.SwapJournal.Next;
import dev.lifeboat.activities.postgres.SwapJournal.OnDisk;
import org.junit.jupiter.api.Test;

class SwapJournalTest {

    private static final OnDisk UNTOUCHED = new OnDisk(true, true, false);
    private static final OnDisk BETWEEN = new OnDisk(false, true, true);
    private static final OnDisk SWAPPED = new OnDisk(true, false, true);

    @Test
    void aSwapGoesOnFromWhateverIsOnTheDisk() {
        assertThat(SwapJournal.next(true, UNTOUCHED)).isEqualTo(Next.MOVE_LIVE_ASIDE);
        assertThat(SwapJournal.next(true, BETWEEN)).isEqualTo(Next.MOVE_COPY_IN);
        assertThat(SwapJournal.next(true, SWAPPED)).isEqualTo(Next.DONE);
    }

    @Test
    void itsUndoGoesBackFromWhateverIsOnTheDisk() {
        assertThat(SwapJournal.nextBack(true, SWAPPED)).isEqualTo(Next.MOVE_COPY_OUT);
        assertThat(SwapJournal.nextBack(true, BETWEEN)).isEqualTo(Next.MOVE_LIVE_BACK);
        assertThat(SwapJournal.nextBack(true, UNTOUCHED)).isEqualTo(Next.DONE);
    }

    @Test
    void whereTheLiveDirectoryWasGoneTheCopyJustMovesInAndOut() {
        OnDisk gone = new OnDisk(false, true, false);
        OnDisk movedIn = new OnDisk(true, false, false);

        assertThat(SwapJournal.next(false, gone)).isEqualTo(Next.MOVE_COPY_IN);
        assertThat(SwapJournal.next(false, movedIn)).isEqualTo(Next.DONE);
        assertThat(SwapJournal.nextBack(false, movedIn)).isEqualTo(Next.MOVE_COPY_OUT);
        assertThat(SwapJournal.nextBack(false, gone)).isEqualTo(Next.DONE);
    }

    @Test
    void aDirectoryThatSomebodyElseMadeOrTookStopsIt() {
        OnDisk allThree = new OnDisk(true, true, true);
        OnDisk copyLost = new OnDisk(false, false, true);
        OnDisk oldLost = new OnDisk(true, false, false);

        assertThat(SwapJournal.next(true, allThree)).isEqualTo(Next.UNCLEAR);
        assertThat(SwapJournal.next(true, copyLost)).isEqualTo(Next.UNCLEAR);
        assertThat(SwapJournal.next(true, oldLost)).isEqualTo(Next.UNCLEAR);
        assertThat(SwapJournal.next(false, UNTOUCHED)).isEqualTo(Next.UNCLEAR);
        assertThat(SwapJournal.nextBack(true, allThree)).isEqualTo(Next.UNCLEAR);
        assertThat(SwapJournal.nextBack(true, oldLost)).isEqualTo(Next.UNCLEAR);
    }
}
