<?php
/**
 * What the service must be told about posts: told at once, and again every five minutes until it was heard.
 *
 * @package Copytaster
 */

namespace Copytaster;

use WP_Post;

defined( 'ABSPATH' ) || exit;

/** Options `copytaster_owed_…`, one for each item: what is still to be said of it, the latest word only. Requests that run at once
 * do not overwrite one another's words, as they would in one option for all; they are never read through WordPress's cache. */
final class Ledger {

	const PAUSE = 5 * MINUTE_IN_SECONDS;
	const OWED  = 'copytaster_owed_'; // And a digest of the item's id.

	/** Hooks. */
	public static function register() {
		add_action( CATCH_UP, array( __CLASS__, 'catch_up' ) );
		add_action( 'before_delete_post', array( __CLASS__, 'deleted' ), 10, 2 );
	}

	/** Admits a post that has just gone live, or was changed while it is. Gives the stored item, or a WP_Error. */
	public static function published( WP_Post $post, Decision $decision ) {
		$item = Item::of_post( $post );
		// Before it is said: it may be heard, and the answer lost.
		update_post_meta( $post->ID, '_copytaster_item', $item['id'] );
		return self::tell(
			array( 'id' => $item['id'], 'do' => 'admit', 'post' => $post->ID ),
			function () use ( $item, $decision ) {
				$answer = Service::admit( $item );
				$later  = is_wp_error( $answer ) || Decision::OVERRIDDEN !== $decision->state;
				return $later ? $answer : self::overridden( $item['id'], $decision );
			}
		);
	}

	/** A post was taken from the readers: the service may tell who else has it. */
	public static function unpublished( WP_Post $post ) {
		if ( get_post_meta( $post->ID, '_copytaster_item', true ) ) {
			$reason = "unpublished in WordPress ($post->post_status)";
			self::take_back( array( 'id' => Item::id( $post->ID ), 'do' => 'retract', 'post' => $post->ID, 'reason' => $reason ) );
		}
	}

	/** A post was deleted for good: its text is erased. */
	public static function deleted( $post_id, WP_Post $post ) {
		if ( Settings::watches( $post->post_type ) && get_post_meta( $post_id, '_copytaster_item', true ) ) {
			self::take_back( array( 'id' => Item::id( $post_id ), 'do' => 'erase', 'post' => $post_id ) );
		}
	}

	/** A post could not be checked and is looked at again. */
	public static function unchecked( WP_Post $post ) {
		self::owe( array( 'id' => Item::id( $post->ID ), 'do' => 'check', 'post' => $post->ID ) );
	}

	/** Says everything that is owed, once. */
	public static function catch_up() {
		$owed = self::owed();
		if ( $owed ) {
			self::schedule(); // First: a run that is ended halfway must not be the last one.
		}
		foreach ( $owed as $word ) {
			if ( Service::is_down() ) {
				break; // One time-out is enough.
			}
			self::say( $word );
		}
	}

	/** What is owed, the first first. */
	public static function owed() {
		global $wpdb;
		$query  = "SELECT option_value FROM $wpdb->options WHERE option_name LIKE %s ORDER BY option_id";
		$stored = $wpdb->get_col( $wpdb->prepare( $query, $wpdb->esc_like( self::OWED ) . '%' ) );
		return array_filter( array_map( 'maybe_unserialize', $stored ), 'is_array' );
	}

	/** One word. */
	private static function say( array $word ) {
		$post = get_post( (int) $word['post'] );
		if ( 'erase' === $word['do'] || 'retract' === $word['do'] ) {
			self::take_back( $word );
		} elseif ( $post && 'publish' === $post->post_status ) {
			Gate::look_again( $post );
		} else {
			self::forget( $word['id'], self::stored( $word['id'] ) );
			if ( $post && 'check' === $word['do'] && 'pending' === $post->post_status ) {
				Gate::try_again( $post );
			}
		}
	}

	/** Retracts or erases an item. */
	private static function take_back( array $word ) {
		self::tell(
			$word,
			function () use ( $word ) {
				return 'erase' === $word['do'] ? Service::erase( $word['id'] ) : Service::retract( $word['id'], $word['reason'] );
			}
		);
	}

	/** The audit of an editor's decision. */
	private static function overridden( $id, Decision $decision ) {
		$editor = get_userdata( $decision->editor );
		return Service::decide(
			array(
				'item_id'  => $id,
				'decision' => 'publish',
				'why'      => $decision->note,
				'by'       => $editor ? $editor->user_login : null,
			),
			hash( 'sha256', "$id $decision->digest $decision->made" )
		);
	}

	/**
	 * Says a word. What could not be said is owed, also where the key is wrong, which somebody will put right; what was refused
	 * otherwise would be refused again.
	 *
	 * @param array    $word What is said.
	 * @param callable $call Says it.
	 */
	private static function tell( array $word, callable $call ) {
		$before = self::stored( $word['id'] );
		$answer = $call();
		$denied = Service::is_problem( $answer, 401 ) || Service::is_problem( $answer, 403 );
		if ( $denied || ( is_wp_error( $answer ) && 'copytaster_unreachable' === $answer->get_error_code() ) ) {
			self::owe( $word );
		} else {
			self::forget( $word['id'], $before );
		}
		if ( is_wp_error( $answer ) && 'copytaster_refused' === $answer->get_error_code() ) {
			update_option( 'copytaster_refused', "$word[id]: " . $answer->get_error_message(), false );
		} elseif ( ! is_wp_error( $answer ) ) {
			delete_option( 'copytaster_refused' );
		}
		return $answer;
	}

	/** Remembers a word, in place of the one before on the same item. */
	private static function owe( array $word ) {
		global $wpdb;
		// Each time another value, so that forget() can tell this word from the next one that says the same.
		$value = maybe_serialize( array( 'owed' => wp_generate_uuid4() ) + $word );
		$wpdb->replace( $wpdb->options, array( 'option_name' => self::name( $word['id'] ), 'option_value' => $value, 'autoload' => 'no' ) );
		self::schedule();
	}

	/** What is owed of an item, as it stands in the database now; null for nothing. */
	private static function stored( $id ) {
		global $wpdb;
		return $wpdb->get_var( $wpdb->prepare( "SELECT option_value FROM $wpdb->options WHERE option_name = %s", self::name( $id ) ) );
	}

	/** Forgets a word that was owed, unless another one came meanwhile. */
	private static function forget( $id, $stored ) {
		global $wpdb;
		if ( null !== $stored ) {
			$wpdb->delete( $wpdb->options, array( 'option_name' => self::name( $id ), 'option_value' => $stored ) );
		}
	}

	/** The option that holds what is owed of an item. */
	private static function name( $id ) {
		return self::OWED . hash( 'sha256', $id );
	}

	/** Asks for the next catch_up(). */
	private static function schedule() {
		if ( ! wp_next_scheduled( CATCH_UP ) ) {
			wp_schedule_single_event( time() + self::PAUSE, CATCH_UP );
		}
	}
}
