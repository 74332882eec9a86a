<?php
/**
 * What the service must be told about posts: told at once, and again every five minutes until it was heard.
 *
 * @package Copytaster
 */

namespace Copytaster;

use WP_Post;

defined( 'ABSPATH' ) || exit;

/** The option `copytaster_owed`: item id → what is still to be said of it, the latest word only. */
final class Ledger {

	const PAUSE = 5 * MINUTE_IN_SECONDS;

	/** Hooks. */
	public static function register() {
		add_action( CATCH_UP, array( __CLASS__, 'catch_up' ) );
		add_action( 'before_delete_post', array( __CLASS__, 'deleted' ), 10, 2 );
	}

	/** Admits a post that has just gone live, or was changed while it is. Gives the stored item, or a WP_Error. */
	public static function published( WP_Post $post, Decision $decision ) {
		$item   = Item::of_post( $post );
		$answer = Service::admit( $item );
		if ( ! is_wp_error( $answer ) ) {
			update_post_meta( $post->ID, '_copytaster_item', $item['id'] );
			if ( Decision::OVERRIDDEN === $decision->state ) {
				$answer = self::overridden( $item['id'], $decision );
			}
		}
		self::settle( $item['id'], $answer, array( 'do' => 'admit', 'post' => $post->ID ) );
		return $answer;
	}

	/** A post was taken from the readers: the service may tell who else has it. */
	public static function unpublished( WP_Post $post ) {
		if ( ! get_post_meta( $post->ID, '_copytaster_item', true ) ) {
			return;
		}
		$id   = Item::id( $post->ID );
		$word = array( 'do' => 'retract', 'post' => $post->ID, 'reason' => "unpublished in WordPress ($post->post_status)" );
		self::settle( $id, Service::retract( $id, $word['reason'] ), $word );
	}

	/** A post was deleted for good: its text is erased. */
	public static function deleted( $post_id, WP_Post $post ) {
		if ( ! Settings::watches( $post->post_type ) || ! get_post_meta( $post_id, '_copytaster_item', true ) ) {
			return;
		}
		$id = Item::id( $post_id );
		self::settle( $id, Service::erase( $id ), array( 'do' => 'erase', 'post' => $post_id ) );
	}

	/** A post could not be checked and is looked at again. */
	public static function unchecked( WP_Post $post ) {
		self::owe( Item::id( $post->ID ), array( 'do' => 'check', 'post' => $post->ID ) );
	}

	/** Says everything that is owed, once. */
	public static function catch_up() {
		$owed = self::owed();
		foreach ( $owed as $id => $word ) {
			if ( Service::is_down() ) {
				break; // One time-out is enough.
			}
			self::say( (string) $id, $word );
		}
		if ( self::owed() ) {
			self::schedule();
		}
	}

	/** What is owed. */
	public static function owed() {
		$owed = get_option( 'copytaster_owed', array() );
		return is_array( $owed ) ? $owed : array();
	}

	/** One word. */
	private static function say( $id, array $word ) {
		$post = get_post( (int) $word['post'] );
		if ( 'erase' === $word['do'] ) {
			self::settle( $id, Service::erase( $id ), $word );
		} elseif ( 'retract' === $word['do'] ) {
			self::settle( $id, Service::retract( $id, $word['reason'] ), $word );
		} elseif ( ! $post ) {
			self::forget( $id );
		} elseif ( 'publish' === $post->post_status ) {
			Gate::look_again( $post );
		} elseif ( 'check' === $word['do'] && 'pending' === $post->post_status ) {
			self::forget( $id );
			Gate::try_again( $post );
		} else {
			self::forget( $id );
		}
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

	/** Notes what became of a call: what could not be said is owed; what was refused would be refused again. */
	private static function settle( $id, $answer, array $word ) {
		if ( is_wp_error( $answer ) && 'copytaster_unreachable' === $answer->get_error_code() ) {
			self::owe( $id, $word );
			return;
		}
		self::forget( $id );
		if ( is_wp_error( $answer ) ) {
			update_option( 'copytaster_refused', "$id: " . $answer->get_error_message(), false );
		} else {
			delete_option( 'copytaster_refused' );
		}
	}

	/** Remembers a word. */
	private static function owe( $id, array $word ) {
		$owed        = self::owed();
		$owed[ $id ] = $word;
		update_option( 'copytaster_owed', $owed, false );
		self::schedule();
	}

	/** Forgets it. */
	private static function forget( $id ) {
		$owed = self::owed();
		if ( isset( $owed[ $id ] ) ) {
			unset( $owed[ $id ] );
			update_option( 'copytaster_owed', $owed, false );
		}
	}

	/** Asks for the next catch_up(). */
	private static function schedule() {
		if ( ! wp_next_scheduled( CATCH_UP ) ) {
			wp_schedule_single_event( time() + self::PAUSE, CATCH_UP );
		}
	}
}
