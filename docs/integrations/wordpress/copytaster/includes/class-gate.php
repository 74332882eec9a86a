<?php
/**
 * Where every post goes through that is to be published, whoever publishes it: the editors, quick and bulk edit, the REST API,
 * XML-RPC, wp-cli, other plugins, the schedule.
 *
 * @package Copytaster
 */

namespace Copytaster;

use WP_Error;
use WP_Post;
use WP_REST_Request;

defined( 'ABSPATH' ) || exit;

/**
 * wp_insert_post() asks before it stores anything: decide(). What goes past it, wp_publish_post() above all, is seen when the status
 * changes: settle(). Nothing is stored as published that did not pass, and what the service then refuses is taken back.
 */
final class Gate {

	/** Digest → Decision of this request: between deciding and storing, and so that no text is asked about twice.
	 *
	 * @var Decision[] */
	private static $decisions = array();

	/** Why the editor of this REST request wants it published anyway.
	 *
	 * @var string */
	private static $rest_note = '';

	/** Hooks. */
	public static function register() {
		add_filter( 'wp_insert_post_data', array( __CLASS__, 'decide' ), 1000, 2 );
		add_action( 'transition_post_status', array( __CLASS__, 'settle' ), 1, 3 );
		add_action( 'publish_future_post', array( __CLASS__, 'due' ), 1 );
		add_action(
			'rest_api_init',
			function () {
				foreach ( (array) Settings::get( 'post_types' ) as $type ) {
					add_filter( "rest_pre_insert_$type", array( __CLASS__, 'refuse_change' ), 1000, 2 );
				}
			}
		);
	}

	/**
	 * Keeps a post that does not pass from being stored as published.
	 *
	 * @param array $data Slashed fields as they will be stored.
	 * @param array $given Slashed fields as they were given, with the ID.
	 */
	public static function decide( $data, $given ) {
		if ( ! self::goes_live( $data['post_type'], $data['post_status'] ) ) {
			return $data;
		}
		$before   = empty( $given['ID'] ) ? null : get_post( (int) $given['ID'] );
		$item     = Item::of( $before ? $before->ID : 0, wp_unslash( $data ) );
		$decision = self::changes( $before, $item ) ? self::decision( $item, $before ) : null;
		if ( ! $decision || $decision->passes ) {
			return $data;
		}
		if ( ! self::is_live( $before ) ) {
			$data['post_status'] = 'pending';
			return $data;
		}
		// Readers keep what they have; what was written is kept as a revision.
		_wp_put_post_revision( array_merge( $before->to_array(), wp_unslash( array_intersect_key( $data, array_flip( array( 'post_title', 'post_content', 'post_excerpt' ) ) ) ) ) );
		$decision->keep( $before->ID );
		Desk::tell( $before, $decision );
		return array_merge( $data, wp_slash( array_intersect_key( $before->to_array(), array_flip( array( 'post_title', 'post_content', 'post_excerpt' ) ) ) ) );
	}

	/**
	 * The same for a live post in the block editor: the change is refused while the author still has it before them.
	 *
	 * @param object          $prepared The fields that change.
	 * @param WP_REST_Request $request  What was sent.
	 */
	public static function refuse_change( $prepared, WP_REST_Request $request ) {
		self::$rest_note = sanitize_textarea_field( (string) $request['copytaster_override'] );
		$before          = is_wp_error( $prepared ) || empty( $prepared->ID ) ? null : get_post( $prepared->ID );
		if ( ! self::is_live( $before ) || 'publish' !== ( $prepared->post_status ?? 'publish' ) || ! Settings::watches( $before->post_type ) ) {
			return $prepared;
		}
		$item     = Item::of( $before->ID, array_merge( $before->to_array(), (array) $prepared ) );
		$decision = self::changes( $before, $item ) ? self::decision( $item, $before ) : null;
		if ( $decision && ! $decision->passes ) {
			/* translators: %s: reasons */
			$message = sprintf( __( 'The published version stays as it is: %s', 'copytaster' ), $decision->why() );
			return new WP_Error( 'copytaster_held', $message, array( 'status' => 422 ) + $decision->evidence );
		}
		return $prepared;
	}

	/** Follows a change of status: keeps the decision with the post, tells the service, takes back what went past decide(). */
	public static function settle( $new, $old, WP_Post $post ) {
		if ( ! Settings::watches( $post->post_type ) ) {
			return;
		}
		if ( 'publish' !== $new ) {
			$decision = self::$decisions ? self::$decisions[ Item::digest( Item::of_post( $post ) ) ] ?? null : null;
			$is_held  = $decision && ! $decision->passes;
			if ( $is_held ) {
				self::hold( $post, $decision );
			} elseif ( $decision ) {
				$decision->keep( $post->ID );
			}
			if ( 'publish' === $old && ! $is_held ) { // What is taken back at once is not stored as published.
				Ledger::unpublished( $post );
			}
			return;
		}
		$item     = Item::of_post( $post );
		$decision = self::$decisions[ Item::digest( $item ) ] ?? null;
		if ( ! $decision && 'publish' !== $old ) {
			$decision = self::decision( $item, $post, false );
		}
		if ( $decision ) {
			self::publish( $post, $decision, 'publish' === $old );
		}
	}

	/** Looks at a scheduled post when its hour has come, for the archive has grown since. */
	public static function due( $post_id ) {
		$post = get_post( $post_id );
		if ( ! $post || 'future' !== $post->post_status || ! Settings::watches( $post->post_type ) ) {
			return;
		}
		$decision = self::decision( Item::of_post( $post ), $post );
		if ( ! $decision->passes ) {
			self::set_status( $post, 'pending' ); // WordPress then finds nothing to publish.
		}
	}

	/** A post that was held only because nobody could be asked, asked again. */
	public static function try_again( WP_Post $post ) {
		$decision = Decision::of_post( $post->ID );
		if ( $decision && Decision::UNCHECKED === $decision->state && Item::digest( Item::of_post( $post ) ) === $decision->digest ) {
			self::set_status( $post, 'publish' );
		}
	}

	/** A live post that the service was not told of, or could not check, said again. */
	public static function look_again( WP_Post $post ) {
		$item     = Item::of_post( $post );
		$decision = Decision::of_post( $post->ID );
		if ( ! $decision || Decision::OVERRIDDEN !== $decision->state ) {
			$decision = Decision::about( $item, Service::check( $item ), true )->of_live();
		}
		$decision->keep( $post->ID );
		Ledger::published( $post, $decision );
	}

	/** The decision about an item, asked for once in a request. */
	private static function decision( array $item, $before, $live = null ) {
		$digest = Item::digest( $item );
		if ( ! isset( self::$decisions[ $digest ] ) ) {
			$live   = null === $live ? self::is_live( $before ) : $live;
			$note   = self::note();
			$editor = get_current_user_id();
			$stored = $before ? Decision::of_post( $before->ID ) : null;
			if ( '' === $note && $stored && Decision::OVERRIDDEN === $stored->state && $digest === $stored->digest ) {
				$note   = $stored->note; // Decided when it was scheduled.
				$editor = $stored->editor;
			}
			self::$decisions[ $digest ] = Decision::about( $item, Service::check( $item ), $live, $note, $editor );
		}
		return self::$decisions[ $digest ];
	}

	/**
	 * Tells the service of a live post. It compares again while it stores, so that of two copies at once one is taken back.
	 *
	 * @param WP_Post  $post     As it is stored.
	 * @param Decision $decision What was decided before it was.
	 * @param bool     $was_live Whether readers had an earlier version of it: nothing is taken from them for a verdict.
	 */
	private static function publish( WP_Post $post, Decision $decision, $was_live ) {
		unset( self::$decisions[ $decision->digest ] ); // The next post with these words is a copy of this one.
		if ( $decision->passes ) {
			$decision->keep( $post->ID );
			if ( Decision::UNCHECKED === $decision->state ) {
				Ledger::unchecked( $post );
				return;
			}
			$stored = Ledger::published( $post, $decision );
			if ( Decision::CLEARED !== $decision->state || is_wp_error( $stored ) || 'publish' === ( $stored['verdict']['action'] ?? 'publish' ) ) {
				return;
			}
			$decision = Decision::about( Item::of_post( $post ), $stored['verdict'], $was_live );
			if ( $was_live ) {
				$decision->of_live()->keep( $post->ID );
				return;
			}
		}
		self::$decisions[ $decision->digest ] = $decision;
		self::set_status( $post, 'pending' ); // Which comes to settle() again, and is held there.
	}

	/** Keeps the reasons with a post that waits for an editor. */
	private static function hold( WP_Post $post, Decision $decision ) {
		$decision->keep( $post->ID );
		Desk::tell( $post, $decision );
		if ( Decision::UNCHECKED === $decision->state ) {
			Ledger::unchecked( $post );
		}
	}

	/** Why an editor who may do so wants the post published anyway; empty when nobody does. */
	private static function note() {
		$note = self::$rest_note ? self::$rest_note : Editor::posted_note();
		return current_user_can( OVERRIDE ) ? $note : '';
	}

	/** Whether readers would get a post of this type and status, now or by the schedule. */
	private static function goes_live( $type, $status ) {
		return in_array( $status, array( 'publish', 'future' ), true ) && Settings::watches( $type );
	}

	/** Whether readers have the post, which was looked at when they got it. */
	private static function is_live( $post ) {
		return $post && 'publish' === $post->post_status && Settings::watches( $post->post_type );
	}

	/** Whether the item says other words than what is live: a new picture or category is nobody's business. */
	private static function changes( $before, array $item ) {
		return ! self::is_live( $before ) || Item::digest( Item::of_post( $before ) ) !== Item::digest( $item );
	}

	/** Changes the status alone. Without a user, as in cron, WordPress would strip the text of markup that its author may use. */
	private static function set_status( WP_Post $post, $status ) {
		kses_remove_filters();
		wp_update_post( array( 'ID' => $post->ID, 'post_status' => $status ) );
		kses_init();
	}
}
